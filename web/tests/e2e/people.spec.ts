import { ask, expect, expectAccessible, picture, register, signIn, test, watch } from "./app";

test("a wrong password is said, and what is missing is said at its field", async ({ page, app, account, complaints }) => {
  await app.call("POST", "/api/auth/register", null, { organization_name: account.organization, email: account.email, password: account.password });
  await page.goto("/sign-in");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByLabel("Email")).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Email").fill(account.email);
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "wrong" })).toBeVisible();
  await page.getByLabel("Password").fill(account.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByLabel("Message")).toBeVisible();
  // Chromium itself reports the two refusals above.
  expect(complaints.splice(0).every(complaint => /status of 40[01]/.test(complaint))).toBe(true);
});

test("the refresh token is out of every script's reach", async ({ page, context, account }) => {
  await register(page, account);
  const cookie = (await context.cookies(`${page.url().split("/chat")[0]}/api/auth/refresh`)).find(one => one.name === "lexcustis_session");
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict", path: "/api/auth" });
  expect(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie)).not.toMatch(/lxr_|eyJ/);
});

test("signing out in one tab signs out the others, and the way back leads to where one was", async ({ page, context, app, account, complaints }) => {
  await register(page, account);
  const other = await context.newPage();
  watch(other, app, complaints);
  await other.goto("/settings?section=account");
  await expect(other.getByRole("heading", { name: "Settings" })).toBeVisible();
  await page.getByRole("button", { name: /^Account/ }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await expect(other).toHaveURL(/\/sign-in\?next=/);
  await other.getByLabel("Email").fill(account.email);
  await other.getByLabel("Password").fill(account.password);
  await other.getByRole("button", { name: "Sign in" }).click();
  await expect(other).toHaveURL(/section=account/);
});

test("two organizations side by side see nothing of each other", async ({ page, newPage, account, complaints }) => {
  await register(page, account);
  await ask(page, "How long must providers keep logs?");
  await expect(page.getByText(/^Recorded as entry/)).toBeVisible();
  const other = await newPage();
  await register(other, { ...account, email: `other-${account.email}`, organization: "Elsewhere" });
  await expect(other.getByText("Your conversations will be listed here.")).toBeVisible();
  await other.goto(page.url());
  await expect(other.getByRole("main").getByRole("alert")).toContainText("no such conversation");
  expect(complaints.splice(0).every(complaint => complaint.includes("404"))).toBe(true); // Chromium's own report of that
});

test("an admin manages members, keys and settings", async ({ page, newPage, app, account, complaints }) => {
  await register(page, account);
  await page.getByRole("link", { name: "Settings", exact: true }).click();
  await expect(page.getByText(/0 of \d+ chat turns/)).toBeVisible();
  await page.getByLabel("Chat turns a day").fill("25");
  await page.getByLabel(/^Keep what was said/).fill("10");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Use a whole number from 183")).toBeVisible();
  expect(complaints.splice(0)).toEqual([expect.stringContaining("400")]); // Chromium's own report of the refusal
  await page.getByLabel(/^Keep what was said/).fill("200");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved. The change is in the audit log.")).toBeVisible();
  await expect(page.getByText("0 of 25 chat turns.")).toBeVisible();
  await picture(page, "settings");
  await expectAccessible(page);

  await page.getByRole("link", { name: "Assistant" }).click();
  await expect(page.getByText(/^In effect: extractive/)).toBeVisible();
  await page.getByLabel("Provider", { exact: true }).selectOption("openai-compatible");
  await page.getByLabel("Model", { exact: true }).fill("scripted");
  await page.getByLabel("Base URL").fill(app.upstreamUrl);
  await page.getByRole("button", { name: "Save" }).first().click();
  await expect(page.getByText("Saved. The change is in the audit log.")).toBeVisible();
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByText("It answers", { exact: true })).toBeVisible();
  await expectAccessible(page);

  await page.getByRole("link", { name: "Members" }).click();
  await page.getByRole("button", { name: "Add member" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Email").fill(`member-${account.email}`);
  await dialog.getByLabel("Name").fill("Mia Member");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Add member" }).click();
  const password = await page.locator("code").first().innerText();
  await expect(page.getByRole("row", { name: /Mia Member/ })).toBeVisible();
  await expectAccessible(page);

  const member = await newPage();
  await signIn(member, `member-${account.email}`, password);
  await expect(member.getByRole("link", { name: "Audit", exact: true })).toHaveCount(0);
  await ask(member, "How long must providers keep logs?");
  await member.getByRole("button", { name: "Check it now" }).click();
  await expect(member.getByText("Proven in this browser")).toBeVisible();

  await page.getByLabel("Role of Mia Member").selectOption("Auditor");
  await expect(page.getByLabel("Role of Mia Member")).toHaveValue("auditor");
  await page.getByRole("button", { name: "Remove Mia Member" }).click();
  await dialog.getByRole("button", { name: "Remove" }).click();
  await expect(page.getByRole("row", { name: /Mia Member/ })).toHaveCount(0);

  await page.getByRole("link", { name: "API keys" }).click();
  await page.getByRole("button", { name: "Create API key" }).click();
  await dialog.getByLabel("What it is for").fill("Reporting");
  await dialog.getByRole("button", { name: "Create API key" }).click();
  const key = await page.locator("code", { hasText: /^lxc_.{20}/ }).innerText();
  await app.call("GET", "/api/organization", key);
  await page.getByRole("button", { name: "Revoke Reporting" }).click();
  await dialog.getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByText("There are no API keys")).toBeVisible();
  await expectAccessible(page);
});

test("the app speaks French and German, by choice or by the browser's", async ({ newPage, page, account }) => {
  await register(page, account);
  await page.getByRole("button", { name: /^Account/ }).click();
  await page.getByLabel("Language").selectOption("Deutsch");
  await expect(page.getByRole("link", { name: "Einstellungen" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  const french = await newPage({ locale: "fr-FR" });
  await french.goto("/sign-in");
  await expect(french.getByRole("button", { name: "Se connecter" })).toBeVisible();
});

test("a person is erased only after their address was typed, and what they said is gone from the log's view", async ({ page, app, account }) => {
  await register(page, account);
  const { access_token } = await app.call<{ access_token: string }>("POST", "/api/auth/login", null, { email: account.email, password: account.password });
  const email = `gone-${account.email}`;
  await app.call("POST", "/api/users", access_token, { email, name: "Gina Gone", role: "member" });
  await page.goto("/settings?section=members");
  await page.getByRole("button", { name: "Remove Gina Gone" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByText("Removed members (1)").click();
  await page.getByRole("button", { name: "Erase Gina Gone for good" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("button", { name: "Erase for good" })).toBeDisabled();
  await dialog.getByLabel("Ground").selectOption("Consent withdrawn (b)");
  await dialog.getByLabel("Type the e-mail address to confirm").fill("gone");
  await expect(dialog.getByRole("button", { name: "Erase for good" })).toBeDisabled();
  await dialog.getByLabel("Type the e-mail address to confirm").fill(email);
  await picture(page, "erasure");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Erase for good" }).click();
  await expect(page.getByText("Erased", { exact: true })).toBeVisible();
  await expect(page.getByText("Gina Gone")).toHaveCount(0);
  const log = await app.call<{ items: { data: { reason?: string } }[] }>("GET", "/api/audit?event_type=subject.erased", access_token);
  expect(log.items[0]?.data.reason).toBe("consent_withdrawn");
});

test("being offline is said at once, and what fails meanwhile loses nothing", async ({ page, context, account, complaints }) => {
  await register(page, account);
  await page.goto("/settings?section=organization");
  await expect(page.getByLabel("Organization name")).toBeVisible();
  await page.getByLabel("Organization name").fill("Renamed while offline");
  await context.setOffline(true);
  await expect(page.getByText(/^You are offline\./)).toBeVisible();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByLabel("Organization name")).toHaveValue("Renamed while offline");
  await context.setOffline(false);
  await expect(page.getByText(/^You are offline\./)).toHaveCount(0);
  await expect(page.getByText("Saved. The change is in the audit log.")).toBeVisible();
  complaints.splice(0); // Chromium's own reports of what could not be fetched
});
