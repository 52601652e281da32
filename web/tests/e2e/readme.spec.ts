import { mkdirSync } from "node:fs";
import type { Page } from "@playwright/test";
import { ask, expect, register, test, useScriptedModel } from "./app";
import { exampleMonitoring } from "./examples";

// The pictures of the README: made by `make screenshots`, looked at, and committed.
const folder = process.env.LEXCUSTIS_README_SCREENSHOTS;
test.use({ viewport: { width: 1280, height: 800 }, colorScheme: "light" });

async function keep(page: Page, name: string): Promise<void> {
  mkdirSync(folder!, { recursive: true });
  await page.mouse.move(0, 0);
  await page.screenshot({ path: `${folder}/${name}.png`, animations: "disabled" });
}

test("pictures of the README", async ({ page, app, account }) => {
  test.setTimeout(180_000);
  await register(page, { ...account, organization: "Example GmbH", email: `anna-${account.email}` });
  const { access_token: token } = await app.call<{ access_token: string }>("POST", "/api/auth/login", null, { email: `anna-${account.email}`, password: account.password });
  await ask(page, "How long must providers keep the logs? Please answer to jane.doe@example.org.");
  await page.getByRole("button", { name: "Check it now" }).click();
  await expect(page.getByText("Proven in this browser")).toBeVisible();
  await page.evaluate(() => scrollTo(0, 0));
  await keep(page, "chat");

  await page.getByRole("link", { name: "Audit", exact: true }).click();
  await page.getByRole("button", { name: "Verify chain" }).click();
  await expect(page.getByText("The chain is whole")).toBeVisible();
  await expect(page.getByText(/^Latest signed checkpoint/)).toBeVisible();
  await keep(page, "audit");

  await page.getByRole("link", { name: "Dossier", exact: true }).click();
  await app.call("PUT", "/api/dossier/system-card", token, { version: 0, sections: [{ section: 7, attestation: "ISO/IEC 42001:2023, certificate of March." }, { section: 8, attestation: "Kept by Legal." }] });
  await page.reload();
  await expect(page.getByText("Standards applied")).toBeVisible();
  await keep(page, "dossier");

  const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  for (const [title, severity, category, aware_at] of [
    ["Reviewer stopped a wrong deadline in time", "near_miss", "other", ago(1)],
    ["Answer quoted another customer's contract", "incident", "other", ago(2)],
    ["Applicants of one region ranked lower", "serious_incident", "fundamental_rights", ago(14)],
    ["Dosage of a medicine doubled in an answer", "serious_incident", "serious_health_harm", ago(16)],
  ] as const) await app.call("POST", "/api/incidents", token, { title, severity, category, aware_at });
  await page.getByRole("link", { name: "Incidents", exact: true }).click();
  await expect(page.getByText(/^Overdue: /)).toBeVisible();
  await keep(page, "incidents");

  // A month of figures takes a month: these are examples.
  await page.route(/\/api\/monitoring\?/, route => {
    const query = new URL(route.request().url()).searchParams;
    return route.fulfill({ json: exampleMonitoring(query.get("from")!, query.get("to")!) });
  });
  await page.getByRole("link", { name: "Monitoring", exact: true }).click();
  await expect(page.getByRole("img", { name: /^Turns by day/ })).toBeVisible();
  await keep(page, "monitoring");

  await useScriptedModel(app, { ...account, email: `anna-${account.email}` });
  app.answer = { pieces: ["All applicants from the north are unreliable, and deadlines do not apply to them."], delay: 1 };
  await page.getByRole("link", { name: "Chat", exact: true }).click();
  await ask(page, "Who should we invite?");
  await expect(page.getByText(/^Recorded as entry/).last()).toBeVisible();
  await page.getByRole("link", { name: "Oversight", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Oversight", level: 1 })).toBeVisible();
  await page.getByRole("listbox", { name: "Queue" }).getByRole("option").first().click();
  await expect(page.getByRole("article")).toContainText("Who should we invite?");
  await keep(page, "oversight");
});
