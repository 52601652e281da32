import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ask, expect, expectAccessible, picture, register, test } from "./app";

test("what is missing is said, statements are written, and the dossier verifies by itself", async ({ page, app, account }) => {
  await register(page, account);
  await ask(page, "How long must providers keep logs?");
  await expect(page.getByText(/^Recorded as entry/)).toBeVisible();
  await page.getByRole("link", { name: "Dossier", exact: true }).click();
  const sections = page.getByRole("main").getByRole("listitem").filter({ has: page.locator("details") });
  await expect(sections).toHaveCount(9);
  const declaration = sections.filter({ hasText: "EU declaration of conformity" });
  await expect(declaration).toContainText("missing");
  await declaration.locator("summary").click();
  await expect(declaration).toContainText("this section goes out as missing");
  await picture(page, "dossier");
  await expectAccessible(page);
  await declaration.getByRole("button", { name: "Write a statement" }).click();
  await expect(declaration.getByLabel("Your organization's statement")).toBeFocused();
  await declaration.getByLabel("Your organization's statement").fill("Signed on **1 March**, kept by Legal.");
  await declaration.getByRole("button", { name: "Save" }).click();
  await expect(declaration.locator("strong", { hasText: "1 March" })).toBeVisible();
  await expect(declaration.locator("summary")).toContainText("attested");

  await page.getByLabel("Include what people wrote and were answered").check();
  await page.getByLabel("Reason for including it").fill("Request 12/2026 of the authority");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download dossier" }).click()]);
  await expect(page.getByText("The dossier is complete")).toBeVisible();
  const zip = join(app.folder, `${account.email}.zip`);
  writeFileSync(zip, readFileSync(await download.path()));
  const { access_token } = await app.call<{ access_token: string }>("POST", "/api/auth/login", null, { email: account.email, password: account.password });
  const pem = await (await fetch(`${app.url}/api/audit/public-key`, { headers: { Authorization: `Bearer ${access_token}` } })).text();
  const key = join(app.folder, `${account.email}.pem`);
  writeFileSync(key, pem);
  const verified = spawnSync(process.env.LEXCUSTIS_BINARY!, ["verify-dossier", zip, "--public-key", key], { encoding: "utf8" });
  expect(verified.status, verified.stdout + verified.stderr).toBe(0);
  await picture(page, "dossier-done");
  await expectAccessible(page);
});

test("two who write the same section lose nothing", async ({ page, app, account, complaints }) => {
  await register(page, account);
  const { access_token } = await app.call<{ access_token: string }>("POST", "/api/auth/login", null, { email: account.email, password: account.password });
  await page.getByRole("link", { name: "Dossier", exact: true }).click();
  const section = page.getByRole("main").getByRole("listitem").filter({ hasText: "Standards applied" });
  await section.locator("summary").click();
  await section.getByRole("button", { name: "Write a statement" }).click();
  await section.getByLabel("Your organization's statement").fill("Mine");
  // Somebody else writes another section: that hinders nobody.
  await app.call("PUT", "/api/dossier/system-card", access_token, { version: 0, sections: [{ section: 8, attestation: "Elsewhere" }] });
  await section.getByRole("button", { name: "Save" }).click();
  await expect(section.getByText("Mine")).toBeVisible();

  await section.getByRole("button", { name: "Edit the statement" }).click();
  await section.getByLabel("Your organization's statement").fill("Mine, longer");
  const card = await app.call<{ version: number }>("GET", "/api/dossier/system-card", access_token);
  await app.call("PUT", "/api/dossier/system-card", access_token, { version: card.version, sections: [{ section: 7, attestation: "Theirs" }] });
  await section.getByRole("button", { name: "Save" }).click();
  await expect(section.getByText("Somebody else changed this section meanwhile")).toBeVisible();
  await expect(section.getByText("Theirs", { exact: true })).toBeVisible();
  await expect(section.getByLabel("Your organization's statement")).toHaveValue("Mine, longer");
  await picture(page, "dossier-conflict");
  await expectAccessible(page);
  await section.getByRole("button", { name: "Save mine in its place" }).click();
  await expect(section.getByText("Mine, longer")).toBeVisible();
  // Chromium itself reports the two conflicts.
  expect(complaints.splice(0).every(complaint => complaint.includes("409"))).toBe(true);
});

test("a download can be stopped, and a busy server says when to come back", async ({ page, account, complaints }) => {
  await register(page, account);
  await page.getByRole("link", { name: "Dossier", exact: true }).click();
  await page.getByLabel("Include what people wrote and were answered").check();
  await page.getByRole("button", { name: "Download dossier" }).click();
  await expect(page.getByLabel("Reason for including it")).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Include what people wrote and were answered").uncheck();
  await page.route(/\/api\/dossier\?/, route => route.fulfill({ status: 503, headers: { "Retry-After": "30" }, json: { title: "Busy", status: 503, detail: "Two dossiers are being made already." } }), { times: 1 });
  await page.getByRole("button", { name: "Download dossier" }).click();
  await expect(page.getByText("Two dossiers are being made already.")).toBeVisible();
  await expect(page.getByText(/^Try again in (30|29|28) seconds\.$/).first()).toBeVisible();
  await page.route(/\/api\/dossier\?/, () => new Promise(() => undefined), { times: 1 });
  await page.getByRole("button", { name: "Download dossier" }).click();
  await expect(page.getByRole("progressbar")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Cancel download" }).click();
  await expect(page.getByText(/^Cancelled\./)).toBeVisible();
  expect(complaints.splice(0).every(complaint => /40[09]|503/.test(complaint))).toBe(true);
});
