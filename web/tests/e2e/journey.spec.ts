import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { ask, expect, expectAccessible, picture, register, test } from "./app";

const open = async (page: Page, name: string) => {
  await page.getByRole("link", { name, exact: true }).click();
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
};

test("register, upload, ask, sources, review, incident, verify, dossier: one story, and it verifies", async ({ page, app, account }) => {
  test.setTimeout(120_000);
  await register(page, account);
  await open(page, "Documents");
  await page.locator("input[type=file]").setInputFiles({
    name: "lease-2026.md", mimeType: "text/markdown",
    buffer: Buffer.from("# Lease of the office in Lyon\n\n## 7 Termination\n\nThe notice period of the office lease is nine months to the end of a quarter. Notice has to be given to lessor@example.org in writing.\n"),
  });
  await expect(page.getByRole("region", { name: "Your organization's documents" }).getByText("Ready", { exact: true })).toBeVisible({ timeout: 20_000 });

  await page.getByRole("link", { name: "Chat", exact: true }).click();
  await ask(page, "What is the notice period of the office lease, asks jane.doe@example.org?");
  const answer = page.getByRole("article");
  await expect(answer).toContainText("nine months");
  await expect(page.getByText(/^Personal data: /).first()).toBeVisible();
  await page.getByRole("button", { name: /^Source 1/ }).first().click();
  await expect(page.locator("[data-quote]").first()).toBeInViewport();
  await expect(answer).toContainText("Lease of the office");

  await open(page, "Oversight");
  await page.getByRole("listbox", { name: "Queue" }).getByRole("option").first().click();
  await expect(page.getByRole("article")).toContainText("What is the notice period");
  await page.getByRole("radio", { name: /^Approve/ }).check();
  await page.getByLabel("Note").fill("The address is a public one.");
  await page.getByRole("button", { name: "Record decision" }).click();
  await expect(page.getByText(/^Recorded as entry \d+\.$/)).toBeVisible();

  await page.getByRole("link", { name: "Chat", exact: true }).click();
  await page.getByRole("link", { name: /^What is the notice period/ }).first().click();
  await page.getByRole("link", { name: "Report an incident" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Title").fill("An address went into an answer");
  await dialog.getByRole("button", { name: "Report an incident" }).click();
  await expect(page.getByRole("heading", { name: "An address went into an answer", level: 1 })).toBeVisible();
  await expect(page.getByRole("link", { name: "Question answered", exact: true })).toBeVisible();

  await open(page, "Audit");
  await page.getByRole("button", { name: "Verify chain" }).click();
  await expect(page.getByText("The chain is whole")).toBeVisible();
  for (const event of ["Document uploaded", "Question answered", "Incident reported"]) await expect(page.getByRole("listbox").getByText(event).first()).toBeVisible();

  await open(page, "Dossier");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download dossier" }).click()]);
  await expect(page.getByText("The dossier is complete")).toBeVisible();
  const { access_token } = await app.call<{ access_token: string }>("POST", "/api/auth/login", null, { email: account.email, password: account.password });
  const pem = await (await fetch(`${app.url}/api/audit/public-key`, { headers: { Authorization: `Bearer ${access_token}` } })).text();
  const [zip, key] = [join(app.folder, "journey.zip"), join(app.folder, "journey.pem")];
  writeFileSync(zip, readFileSync(await download.path()));
  writeFileSync(key, pem);
  const verified = spawnSync(process.env.LEXCUSTIS_BINARY!, ["verify-dossier", zip, "--public-key", key], { encoding: "utf8" });
  expect(verified.status, verified.stdout + verified.stderr).toBe(0);
});

test("all of it goes without a mouse, and what has the focus can be seen", async ({ page, account }) => {
  test.setTimeout(120_000);
  await page.emulateMedia({ reducedMotion: "reduce" }); // a look must not be on its way when it is compared
  /** Presses Tab until the element has the focus; a page that keeps the focus from it fails here. */
  const tabTo = async (target: Locator) => {
    for (let presses = 0; presses < 60; presses++) {
      if (await target.evaluate(element => element === document.activeElement)) {
        expect(await looksFocused(target), "what has the focus looks otherwise than without it").toBe(true);
        return;
      }

      await page.keyboard.press("Tab");
    }

    await expect(target, "Tab leads there").toBeFocused();
  };
  const follow = async (name: string) => {
    await tabTo(page.getByRole("link", { name, exact: true }));
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
  };

  await page.goto("/register");
  for (const [label, text] of [["Organization name", account.organization], ["Email", account.email], ["Password", account.password]] as const) {
    await tabTo(page.getByLabel(label));
    await page.keyboard.type(text);
  }

  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Message")).toBeFocused();
  await page.keyboard.type("How long must providers keep logs? Answer to jane.doe@example.org.");
  await page.keyboard.press("Enter");
  await expect(page.getByText(/^Recorded as entry/)).toBeVisible();
  await tabTo(page.getByRole("button", { name: "Check it now" }));
  await page.keyboard.press("Enter");
  await expect(page.getByText("Proven in this browser")).toBeVisible();

  await follow("Oversight");
  await tabTo(page.getByRole("listbox", { name: "Queue" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("article")).toContainText("jane.doe@example.org");
  await page.keyboard.press("d");
  await expect(page.getByRole("radio", { name: /^Dismiss/ })).toBeChecked();
  await page.keyboard.press("Control+Enter");
  await expect(page.getByText(/^Recorded as entry \d+\.$/)).toBeVisible();

  await follow("Audit");
  await tabTo(page.getByRole("button", { name: "Verify chain" }));
  await page.keyboard.press("Enter");
  await expect(page.getByText("The chain is whole")).toBeVisible();

  await follow("Incidents");
  await tabTo(page.getByRole("button", { name: "Report an incident" }));
  await page.keyboard.press("Enter");
  await tabTo(page.getByLabel("Title"));
  await page.keyboard.type("Reported by keyboard");
  await tabTo(page.getByRole("dialog").getByRole("button", { name: "Report an incident" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Reported by keyboard", level: 1 })).toBeVisible();

  await follow("Dossier");
  await tabTo(page.getByRole("button", { name: "Download dossier" }));
  const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
  expect(download.suggestedFilename()).toMatch(/\.zip$/);
  await expect(page.getByText("The dossier is complete")).toBeVisible();
});

test("with reduced motion nothing goes on moving", async ({ page, account }) => {
  let goOn!: () => void;
  const held = new Promise<void>(resolve => { goOn = resolve; });
  await page.route("**/api/auth/register", async route => {
    await held;
    await route.continue();
  });
  const registered = register(page, account);
  /** When the last of all animations on the page ends, in milliseconds. */
  const lastEnd = () => page.evaluate(() => Math.max(0, ...document.getAnimations().map(animation => Number(animation.effect!.getComputedTiming().endTime))));
  await page.emulateMedia({ reducedMotion: "no-preference" });
  await expect.poll(lastEnd, "the button turns while the server is waited for").toBe(Infinity);
  await page.emulateMedia({ reducedMotion: "reduce" });
  await expect.poll(lastEnd).toBeLessThanOrEqual(1);
  goOn();
  await registered;
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 360]) {
    test(`every page fits ${width} px and axe finds nothing, ${colorScheme}`, async ({ page, app, account, complaints }) => {
      test.setTimeout(120_000);
      await page.setViewportSize({ width, height: width === 360 ? 740 : 860 });
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      for (const [address, name] of [["/sign-in", "sign-in"], ["/register", "register"], ["/no-such-page", "not-found"]] as const) {
        await page.goto(address);
        await expect(page.getByRole("main")).toBeVisible();
        await look(page, `${name}-${width}-${colorScheme}`);
      }

      // Chromium itself reports the page that does not exist.
      expect(complaints.splice(0)).toEqual([expect.stringContaining("404")]);
      await register(page, account);
      await look(page, `first-${width}-${colorScheme}`);
      await ask(page, "How long must providers keep logs? Answer to jane.doe@example.org. A-very-long-word-without-any-place-to-break-it-in-".repeat(2));
      await expect(page.getByText(/^Recorded as entry/)).toBeVisible();
      await look(page, `chat-${width}-${colorScheme}`);
      const { access_token } = await app.call<{ access_token: string }>("POST", "/api/auth/login", null, { email: account.email, password: account.password });
      await app.call("POST", "/api/incidents", access_token, { title: "Dosage of a medicine doubled in an answer", severity: "serious_incident", category: "serious_health_harm" });
      for (const name of ["Documents", "Oversight", "Audit", "Incidents", "Dossier", "Monitoring", "Settings"]) {
        if (width === 360) await page.getByRole("button", { name: "Menu" }).click();
        await (width === 360 ? page.getByRole("dialog") : page).getByRole("link", { name, exact: true }).click();
        await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
        await page.waitForLoadState("networkidle");
        if (name === "Monitoring") await expect(page.getByRole("img", { name: /^Turns by day/ })).toBeVisible();
        if (name === "Audit") await expect(page.getByText(/^Latest signed checkpoint/)).toBeVisible();
        await look(page, `${name.toLowerCase()}-${width}-${colorScheme}`);
      }

      for (const section of ["assistant", "members", "keys", "account"]) {
        await page.goto(`/settings?section=${section}`);
        await page.waitForLoadState("networkidle");
        await expect(page.getByRole("heading", { name: "Settings", level: 1 })).toBeVisible();
        await look(page, `settings-${section}-${width}-${colorScheme}`);
      }
    });
  }
}

/** Whether the focus shows: in outline, ring, border or ground, of the element or of the two around it. */
const looksFocused = (target: Locator): Promise<boolean> => target.evaluate((element: HTMLElement) => {
  const look = () => [element, element.parentElement!, element.parentElement!.parentElement!]
    .map(one => getComputedStyle(one)).map(style => [style.outline, style.boxShadow, style.borderColor, style.backgroundColor].join()).join();
  const focused = look();
  element.blur();
  const other = look();
  element.focus();
  return focused !== other;
});

/** Nothing hangs out at the side, axe finds nothing, and a picture is kept. */
async function look(page: Page, name: string): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), `${name} is too wide`).toBeLessThanOrEqual(0);
  await picture(page, name);
  await expectAccessible(page);
}
