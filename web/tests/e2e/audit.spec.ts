import { ask, expect, expectAccessible, picture, register, test } from "./app";

test("a tampered row is shown as broken, where it is", async ({ page, app, account }) => {
  await register(page, account);
  await ask(page, "How long must providers keep logs?");
  await expect(page.getByText(/^Recorded as entry/)).toBeVisible();
  const { user } = await app.call<{ user: { organization_id: string } }>("POST", "/api/auth/login", null, { email: account.email, password: account.password });
  await app.tamper(`UPDATE audit_logs SET body = replace(body, 'completed', 'stopped') WHERE organization_id = '${user.organization_id}' AND event_type = 'chat.completed'`);

  await page.getByRole("button", { name: "Check it now" }).click();
  await expect(page.getByText("The entry is there, but the log does not verify: see the Audit page.")).toBeVisible();
  await page.getByRole("link", { name: "Audit", exact: true }).click();
  await page.getByRole("button", { name: "Verify chain" }).click();
  await expect(page.getByText("The chain is broken", { exact: true })).toBeVisible();
  await expect(page.getByText(/^Changed entry: .*\(entry 2\)/)).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: "The chain breaks here" })).toContainText("2");
  await picture(page, "audit-broken");
  await expectAccessible(page);
});

test("the log is read by keyboard: filter, move, open, and reading content is announced before it is done", async ({ page, account }) => {
  await register(page, account);
  await ask(page, "How long must providers keep logs?");
  await expect(page.getByText(/^Recorded as entry/)).toBeVisible();
  await page.getByRole("link", { name: "Audit", exact: true }).click();
  await page.getByLabel("Event", { exact: true }).selectOption("Question answered");
  const list = page.getByRole("listbox");
  await expect(list.getByRole("option")).toHaveCount(1);
  await list.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  const entry = page.getByRole("dialog");
  await expect(entry).toContainText("Reading it is recorded in this log");
  await expect(entry).not.toContainText("How long must providers keep logs?");
  await entry.getByRole("button", { name: "Show what was said" }).click();
  await expect(entry).toContainText("How long must providers keep logs?");
  await expect(entry).toContainText("Hash of the entry before");
  await picture(page, "audit-entry");
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(list).toBeFocused();
  await page.getByRole("button", { name: "Clear filters" }).click();
  await page.getByRole("button", { name: "Verify chain" }).click();
  await expect(list.getByText("Content read")).toBeVisible();
});

test("ten thousand entries scroll with a few dozen rows in the page", async ({ page, account }) => {
  await register(page, account);
  const rows = (before: number, count: number) => Array.from({ length: count }, (_, index) => {
    const sequence = before - 1 - index;
    return { id: `00000000-0000-7000-8000-${String(sequence).padStart(12, "0")}`, sequence, created_at: "2026-01-01T00:00:00Z", event_type: "session.started", user_id: null, data: {}, has_content: false, entry_hash: "ab".repeat(32) };
  });
  await page.route(/\/api\/audit\?/, route => {
    const query = new URL(route.request().url()).searchParams;
    const before = Number(query.get("cursor") ?? 10_001);
    const count = Math.min(Number(query.get("limit")), before - 1);
    return route.fulfill({ json: { items: rows(before, count), next_cursor: before - count > 1 ? String(before - count) : null } });
  });
  // Nobody signed these.
  await page.route(/\/readyz$/, route => route.fulfill({ json: { status: "ready", dependencies: {} } }));
  await page.getByRole("link", { name: "Audit", exact: true }).click();
  const list = page.getByRole("listbox");
  await expect(list.getByRole("option").first()).toBeVisible();
  await list.focus();
  await expect(async () => {
    await page.keyboard.press("End");
    await expect(list.locator("#audit-1")).toBeAttached({ timeout: 100 });
  }).toPass({ timeout: 30_000, intervals: [50] });
  expect(await list.getByRole("option").count()).toBeLessThan(80);

  const frames = await list.evaluate(element => new Promise<number[]>(resolve => {
    const times: number[] = [];
    let last = performance.now();
    const step = (now: number) => {
      times.push(now - last);
      last = now;
      element.scrollTop -= 1_500;
      if (times.length < 120) requestAnimationFrame(step);
      else resolve(times);
    };
    requestAnimationFrame(step);
  }));
  frames.sort((a, b) => a - b);
  console.log(`scrolling 10,000 entries: frames median ${frames[60]?.toFixed(1)} ms, 95th percentile ${frames[114]?.toFixed(1)} ms`);
  expect(frames[60]).toBeLessThan(100);
});
