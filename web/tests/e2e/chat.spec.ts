import { ask, expect, expectAccessible, picture, register, test, useScriptedModel } from "./app";

test("a newcomer gets a first answered, sourced and verified question", async ({ page, account }) => {
  await page.goto("/");
  await expect(page).toHaveURL(/\/sign-in$/);
  await page.getByRole("link", { name: "Create organization" }).click();
  await page.getByLabel("Organization name").fill(account.organization);
  await page.getByLabel("Email").fill(account.email);
  await page.getByLabel("Password").fill(account.password);
  await page.getByRole("button", { name: "Create organization" }).click();

  await page.getByRole("button", { name: "How long must providers keep logs?" }).click();
  await expect(page.getByRole("article")).toContainText("six months");
  await expect(page.getByText("You are talking to an AI system.")).toBeVisible();
  await expect(page.getByText(/^Confidence \d+%$/)).toBeVisible();
  await page.getByRole("button", { name: "Check it now" }).click();
  await expect(page.getByText("Proven in this browser")).toBeVisible();
  await expect(page.getByText(/carries exactly this hash, and all \d+ entries of the log verify/)).toBeVisible();

  await page.getByRole("button", { name: /^Source 1/ }).first().click();
  await expect(page.locator("[data-quote]").first()).toBeInViewport();
  await picture(page, "chat");
  await expectAccessible(page);

  await page.getByRole("link", { name: "Audit", exact: true }).click();
  await page.getByRole("button", { name: "Verify chain" }).click();
  await expect(page.getByText("The chain is whole")).toBeVisible();
});

test("flags stand on one's own message, where they were found", async ({ page, account }) => {
  await register(page, account);
  await ask(page, "Write to jane.doe@example.org about IBAN DE89370400440532013000, please.");
  await expect(page.getByText(/^Personal data: /)).toBeVisible();
  await expect(page.getByRole("article").locator("mark", { hasText: "jane.doe@example.org" })).toHaveAttribute("title", /email, \d+% sure/);
  await expect(page.getByRole("article").locator("mark", { hasText: "DE89370400440532013000" })).toBeVisible();
});

test("an answer streams, and stops when it is told to; what came is recorded", async ({ page, app, account }) => {
  await register(page, account);
  const token = await useScriptedModel(app, account);
  app.answer = { pieces: Array.from({ length: 400 }, (_, index) => `word${index} `), delay: 25 };
  await ask(page, "Go on and on");
  await expect(page.getByRole("article")).toContainText("word3");
  await expect(page.getByRole("article")).not.toContainText("word390");
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.getByText("Stopped. The answer was recorded as far as it came.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Send" })).toBeVisible();
  await expect.poll(async () => {
    const log = await app.call<{ items: { data: { outcome?: string } }[] }>("GET", "/api/audit?event_type=chat.completed", token);
    return log.items[0]?.data.outcome;
  }).toBe("stopped");
});

test("an answer goes on while another page is looked at", async ({ page, app, account }) => {
  await register(page, account);
  await useScriptedModel(app, account);
  app.answer = { pieces: [...Array.from({ length: 80 }, (_, index) => `word${index} `), "the end."], delay: 25 };
  await ask(page, "Go on");
  await expect(page.getByRole("article")).toContainText("word1");
  await page.getByRole("link", { name: "Settings", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Settings", level: 1 })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("article")).toContainText("the end.");
  await expect(page.getByText(/^Recorded as entry/)).toBeVisible();
});

test("a session outlives its access token, and a stream does too", async ({ page, app, account }) => {
  await page.clock.install();
  await register(page, account);
  await useScriptedModel(app, account);
  app.answer = { pieces: [...Array.from({ length: 60 }, (_, index) => `word${index} `), "the end."], delay: 40 };
  await ask(page, "Go on");
  await expect(page.getByRole("article")).toContainText("word1");
  const renewed = page.waitForResponse(/\/api\/auth\/refresh$/);
  await page.clock.fastForward("15:00");
  await page.getByRole("link", { name: "Settings", exact: true }).click();
  expect((await renewed).status()).toBe(200);
  await page.goBack();
  await expect(page.getByRole("article")).toContainText("the end.");
});

test("a token that the server takes for ended is renewed and what was asked is asked again; a session that ended leads to signing in", async ({ page, account, complaints }) => {
  await register(page, account);
  await page.route(/\/api\/organization\/usage/, route => route.fulfill({ status: 401, contentType: "application/problem+json", json: { title: "Unauthorized", status: 401 } }), { times: 1 });
  const renewed = page.waitForResponse(/\/api\/auth\/refresh$/);
  await page.getByRole("link", { name: "Settings", exact: true }).click();
  expect((await renewed).status()).toBe(200);
  await expect(page.getByText(/0 of \d+ chat turns/)).toBeVisible();
  expect(complaints.splice(0)).toEqual([expect.stringContaining("401")]); // Chromium's own report

  await page.context().clearCookies();
  await page.route(/\/api\/audit\?/, route => route.fulfill({ status: 401, contentType: "application/problem+json", json: { title: "Unauthorized", status: 401 } }), { times: 1 });
  await page.getByRole("link", { name: "Audit", exact: true }).click();
  await expect(page).toHaveURL(/\/sign-in\?next=%2Faudit/);
  expect(complaints.splice(0).every(complaint => /status of 40[01]/.test(complaint))).toBe(true);
});

test("a day's cap that is used up says when to come back, and the question is kept for then", async ({ page, app, account, complaints }) => {
  await register(page, account);
  const { access_token } = await app.call<{ access_token: string }>("POST", "/api/auth/login", null, { email: account.email, password: account.password });
  await app.call("PATCH", "/api/organization", access_token, { daily_chat_cap: 1 });
  await ask(page, "How long must providers keep logs?");
  await expect(page.getByText(/^Recorded as entry/)).toBeVisible();
  await ask(page, "And deployers?");
  const refused = page.getByRole("article").last();
  await expect(refused).toContainText(/Try again in \d+ (?:seconds?|minutes|hours)\./);
  await expect(refused).toContainText("And deployers?");
  await picture(page, "chat-cap");
  await expectAccessible(page);
  expect(complaints.splice(0)).toEqual([expect.stringContaining("429")]); // Chromium's own report
  await app.call("PATCH", "/api/organization", access_token, { daily_chat_cap: 10 });
  await refused.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText(/^Recorded as entry/)).toHaveCount(2);
  await expect(page.getByRole("article")).toHaveCount(2);
});

test("history brings a conversation back, and a reload keeps its place", async ({ page, account }) => {
  await register(page, account);
  await ask(page, "Which AI practices are prohibited?");
  await expect(page.getByText(/^Recorded as entry/)).toBeVisible();
  await page.reload();
  await expect(page.getByRole("article")).toContainText("Which AI practices are prohibited?");
  await page.getByRole("button", { name: "New conversation" }).first().click();
  await expect(page.getByRole("heading", { name: "What would you like to know?" })).toBeVisible();
  await page.getByRole("link", { name: "Which AI practices are prohibited?" }).click();
  await expect(page.getByRole("article")).toContainText("Which AI practices are prohibited?");
  await page.getByRole("button", { name: "Delete conversation" }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("Your conversations will be listed here.")).toBeVisible();
});

test("what a model writes is text, never markup", async ({ page, app, account }) => {
  await register(page, account);
  await useScriptedModel(app, account);
  app.answer = { pieces: ["**Bold** <img src=x onerror=alert(1)> <script>alert(2)</script> [go](javascript:alert(3)) ![i](https://elsewhere.example/p.png)"], delay: 1 };
  await ask(page, "Be evil");
  const answer = page.getByRole("article");
  await expect(answer.locator("strong", { hasText: "Bold" })).toBeVisible();
  await expect(answer).toContainText("<img src=x onerror=alert(1)>");
  expect(await answer.locator("img, script, iframe, a[href^='javascript']").count()).toBe(0);
});

test("a 5,000-token answer streams without dropped frames, and costs twice what half of it does", async ({ page, app, account }) => {
  test.setTimeout(240_000);
  await register(page, account);
  await useScriptedModel(app, account);
  await page.evaluate(() => {
    const measured: Measured = { long: [], frames: [] };
    Object.assign(window, { measured });
    new PerformanceObserver(list => list.getEntries().forEach(entry => measured.long.push(entry.duration))).observe({ entryTypes: ["longtask"] });
    let last = performance.now();
    const frame = (now: number) => {
      measured.frames.push(now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  const chromium = await page.context().newCDPSession(page);
  await chromium.send("Performance.enable");
  const spent = async (name: string) => (await chromium.send("Performance.getMetrics")).metrics.find(metric => metric.name === name)!.value * 1000;

  const stream = async (tokens: number, delay: number) => {
    app.answer = { pieces: Array.from({ length: tokens }, (_, index) => index % 60 === 59 ? ".\n\n" : index % 60 === 0 ? `- **point ${index}** ` : `token${index} `), delay };
    await page.getByRole("button", { name: "New conversation" }).first().click();
    await expect(page.getByRole("article")).toHaveCount(0);
    await page.evaluate(() => {
      const { measured } = window as unknown as { measured: Measured };
      measured.long.length = measured.frames.length = 0;
    });
    const before = { script: await spent("ScriptDuration"), layout: await spent("LayoutDuration") };
    await ask(page, "Write a lot");
    await expect(page.getByText(/^Recorded as entry/)).toBeVisible({ timeout: 150_000 });
    const { long, frames } = await page.evaluate(() => (window as unknown as { measured: Measured }).measured);
    const result = { script: await spent("ScriptDuration") - before.script, layout: await spent("LayoutDuration") - before.layout, longest: Math.max(0, ...long) };
    describeFrames(`${tokens} tokens, one in ${delay} ms`, frames);
    console.log(`${tokens} tokens: script ${result.script.toFixed(0)} ms, layout ${result.layout.toFixed(0)} ms; tasks above 50 ms: ${long.length}, longest ${result.longest.toFixed(0)} ms`);
    return result;
  };
  // What this machine drops by itself, while nothing happens but a caret that blinks: the control for the figures of the streams.
  await page.evaluate(() => new Promise(resolve => {
    const { measured } = window as unknown as { measured: Measured };
    measured.frames.length = 0;
    setTimeout(resolve, 3_000);
  }));
  describeFrames("nothing", await page.evaluate(() => (window as unknown as { measured: Measured }).measured.frames));
  await stream(200, 1); // what is loaded and compiled once
  await stream(Number(process.env.LEXCUSTIS_E2E_PACED_TOKENS ?? 600), 10); // as a fast model writes
  const [half, whole] = [await stream(2_500, 1), await stream(5_000, 1)];
  // Twice the tokens: twice the work. Quadratic work were four times.
  expect(whole.script / half.script).toBeLessThan(3);
  // Generous, since the machine that tests may be busy: the figures above are what is looked at.
  expect(whole.longest).toBeLessThan(1_000);
});

function describeFrames(of: string, frames: readonly number[]) {
  const sorted = [...frames].sort((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1);
  const late = sorted.filter(frame => frame > 25).length;
  console.log(`${of}: ${sorted.length} frames, median ${at(0.5)} ms, 95th percentile ${at(0.95)} ms, 99th ${at(0.99)} ms; ${late} later than a frame and a half`);
}

/** What the page of the test above keeps of itself, in milliseconds. */
interface Measured {
  long: number[];
  frames: number[];
}
