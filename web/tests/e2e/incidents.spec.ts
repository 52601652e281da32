import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { ask, expect, expectAccessible, picture, register, signIn, test } from "./app";

test("an incident goes from an answer to the authority, with its evidence, and only by the steps that are allowed", async ({ page, account }) => {
  await register(page, account);
  await ask(page, "How long must providers keep logs?");
  await expect(page.getByText(/^Recorded as entry/)).toBeVisible();
  await page.getByRole("link", { name: "Report an incident" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("The entry of the log that you came from will be linked.");
  await dialog.getByLabel("Title").fill("Wrong retention told to a customer");
  await dialog.getByLabel("What happened").fill("The answer said **six** months,\nthe contract says ten years.");
  await dialog.getByLabel("Severity").selectOption("Serious incident");
  await dialog.getByLabel("Category").selectOption("Critical infrastructure disrupted");
  await expect(dialog).toContainText("within 2 days of becoming aware");
  const threeDaysAgo = new Date(Date.now() - 3 * 86_400_000);
  await dialog.getByLabel("Aware since").fill(localField(threeDaysAgo));
  await picture(page, "incident-form");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Report an incident" }).click();

  await expect(page.getByRole("heading", { name: "Wrong retention told to a customer", level: 1 })).toBeVisible();
  await expect(page.getByText("The deadline has passed")).toBeVisible();
  await expect(page.getByText(/^Overdue: 1 day/)).toBeVisible();
  await expect(page.getByText("No entry is linked.")).toHaveCount(0);
  await expect(page.getByRole("link", { name: "Question answered", exact: true })).toHaveAttribute("href", /\/audit\?entry=/);
  await expect(page.getByText(/^entry 2 · .* · extractive/)).toBeVisible();

  const bytes = Buffer.from("what the customer saw");
  await page.getByLabel("Add a file").setInputFiles({ name: "letter.txt", mimeType: "text/plain", buffer: bytes });
  const hash = createHash("sha256").update(bytes).digest("hex");
  await expect(page.getByTitle(hash)).toBeVisible();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download letter.txt" }).click()]);
  expect(readFileSync(await file.path()).equals(bytes)).toBe(true);

  await page.getByLabel("Entry number or id").fill("1");
  await page.getByRole("button", { name: "Link entry", exact: true }).click();
  const linked = page.getByRole("link", { name: "Organization registered", exact: true });
  await expect(linked).toBeVisible();
  await page.getByRole("button", { name: /^Unlink entry 1/ }).click();
  await expect(linked).toHaveCount(0);
  await page.getByLabel("Entry number or id").fill("999999");
  await page.getByRole("button", { name: "Link entry", exact: true }).click();
  await expect(page.getByText("There is no such entry.")).toBeVisible();
  await picture(page, "incident");
  await expectAccessible(page);

  await page.getByRole("button", { name: "Preview" }).click();
  await expect(dialog).toContainText("Wrong retention told to a customer");
  await picture(page, "incident-draft");
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  const [report] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download as HTML" }).click()]);
  expect(readFileSync(await report.path(), "utf8")).toContain("Wrong retention told to a customer");

  await page.getByRole("button", { name: "Mark as reported" }).click();
  await dialog.getByRole("button", { name: "Mark as reported" }).click();
  await expect(page.getByText("The authority was informed")).toBeVisible();
  await expect(page.getByRole("button", { name: "Mark as reported" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Reopen" })).toHaveCount(0);
  await page.getByRole("button", { name: "Close", exact: true }).click();
  await dialog.getByRole("button", { name: "Close", exact: true }).last().click();
  await expect(page.getByText("This incident is closed")).toBeVisible();
  await expect(page.getByRole("button", { name: "Add a file" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Reopen" })).toBeVisible();

  await page.getByRole("link", { name: "All incidents" }).click();
  await expect(page.getByRole("row", { name: /Wrong retention/ })).toContainText("Closed");
  await page.getByLabel("Status").selectOption("Overdue");
  await expect(page.getByText("No incident fits this filter")).toBeVisible();
});

test("a register of many says at a glance what is urgent, not by colour alone", async ({ page, app, account }) => {
  await register(page, account);
  const { access_token } = await app.call<{ access_token: string }>("POST", "/api/auth/login", null, { email: account.email, password: account.password });
  const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  for (const [title, severity, category, aware_at] of [
    ["Dosage of a medicine doubled in an answer", "serious_incident", "serious_health_harm", ago(16)],
    ["Applicants of one region ranked lower", "serious_incident", "fundamental_rights", ago(14)],
    ["Answer quoted another customer's contract", "incident", "other", ago(2)],
    ["Reviewer stopped a wrong deadline in time", "near_miss", "other", ago(1)],
  ] as const) await app.call("POST", "/api/incidents", access_token, { title, severity, category, aware_at });
  await page.getByRole("link", { name: "Incidents", exact: true }).click();
  await expect(page.getByRole("row", { name: /Dosage/ })).toContainText("Overdue: 1 day");
  await expect(page.getByRole("row", { name: /Dosage/ }).locator("svg")).toBeVisible();
  await expect(page.getByRole("row", { name: /Applicants/ })).toContainText(/(1 day|23 hours).* left/);
  await picture(page, "incidents");
  await expectAccessible(page);
  await page.getByLabel("Status").selectOption("Overdue");
  await expect(page.getByRole("row")).toHaveCount(2);
});

test("a member reports, and sees what they reported and no more", async ({ page, newPage, app, account, complaints }) => {
  await register(page, account);
  const { access_token } = await app.call<{ access_token: string }>("POST", "/api/auth/login", null, { email: account.email, password: account.password });
  await app.call("POST", "/api/incidents", access_token, { title: "Not for members" });
  const { initial_password } = await app.call<{ initial_password: string }>("POST", "/api/users", access_token, { email: `m-${account.email}`, name: "Mia", role: "member" });
  const member = await newPage();
  await signIn(member, `m-${account.email}`, initial_password);
  for (const name of ["Dossier", "Monitoring", "Audit"]) await expect(member.getByRole("link", { name, exact: true })).toHaveCount(0);
  await member.getByRole("link", { name: "Incidents", exact: true }).click();
  await expect(member.getByText("No incidents")).toBeVisible();
  await member.getByRole("button", { name: "Report an incident" }).click();
  await member.getByRole("dialog").getByRole("button", { name: "Report an incident" }).click();
  await expect(member.getByLabel("Title")).toHaveAttribute("aria-invalid", "true");
  expect(complaints.splice(0)).toEqual([expect.stringContaining("400")]); // Chromium's own report
  await member.getByLabel("Title").fill("It answered in the wrong language");
  await member.getByRole("dialog").getByRole("button", { name: "Report an incident" }).click();
  await expect(member.getByRole("heading", { name: "It answered in the wrong language" })).toBeVisible();
  await expect(member.getByRole("button", { name: "Edit" })).toHaveCount(0);
  await expect(member.getByRole("button", { name: "Close", exact: true })).toHaveCount(0);
  await expect(member.getByText("Report to the authority")).toHaveCount(0);
  await expectAccessible(member);
});

/** As a field for date and time has it. */
const localField = (moment: Date): string => new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
