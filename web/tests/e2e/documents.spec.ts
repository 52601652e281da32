import { ask, expect, expectAccessible, picture, register, test } from "./app";
import type { Page } from "@playwright/test";

const lease = {
  name: "lease-2026.md", mimeType: "text/markdown",
  buffer: Buffer.from("# Lease of the office in Lyon\n\n## 7 Termination\n\nThe notice period of the office lease is nine months to the end of a quarter. Notice has to be given in writing.\n\n## 8 Deposit\n\nThe deposit is three months' rent.\n"),
};
const handbook = { name: "handbook.txt", mimeType: "text/plain", buffer: Buffer.from("Expenses are paid back within ten days. Receipts are kept for eight years in the archive of the finance department.\n") };
// A page without text, as a scanner without text recognition makes it.
const scan = {
  name: "scan.pdf", mimeType: "application/pdf",
  buffer: Buffer.from("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R/Size 4>>\n%%EOF\n"),
};

async function openDocuments(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Documents", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Documents", level: 1 })).toBeVisible();
}

const choose = (page: Page, files: { name: string; mimeType: string; buffer: Buffer }[]) => page.locator("input[type=file]").setInputFiles(files);
const row = (page: Page, name: string) => page.getByRole("region", { name: "Your organization's documents" }).getByRole("listitem").filter({ hasText: name });

test("a first document is added, read, found and asked about", async ({ page, account }) => {
  await register(page, account);
  await openDocuments(page);
  await expect(page.getByRole("heading", { name: "Add your first document" })).toBeVisible();
  await picture(page, "documents-empty");
  await expectAccessible(page);

  await choose(page, [lease, handbook]);
  await expect(row(page, "lease-2026.md").getByText("Ready", { exact: true })).toBeVisible({ timeout: 20_000 });
  await expect(row(page, "handbook.txt").getByText("Ready", { exact: true })).toBeVisible({ timeout: 20_000 });
  await expect(page.getByRole("region", { name: "Uploads" })).toHaveCount(0);

  await page.getByLabel("Search the documents").fill("notice period of the office lease");
  await page.keyboard.press("Enter");
  const best = page.getByRole("article").first();
  await expect(best).toContainText("nine months to the end of a quarter");
  await expect(best).toContainText("lease-2026.md");
  await expect(best.locator("mark").filter({ hasText: "Notice" }).first()).toBeVisible();
  await picture(page, "documents");
  await expectAccessible(page);
  await best.getByRole("button", { name: /^Open in the document/ }).click();
  await expect(page.getByRole("dialog")).toContainText("nine months to the end of a quarter");
  await picture(page, "documents-passage");
  await expectAccessible(page);
  await page.keyboard.press("Escape");

  await page.getByRole("link", { name: "Ask about them" }).click();
  await ask(page, "What is the notice period of the office lease?");
  await expect(page.getByText(/^Recorded as entry/)).toBeVisible();
  await expect(page.getByRole("article")).toContainText("nine months");
});

test("what cannot be read says why, and what is here already is said to be", async ({ page, account, complaints }) => {
  await register(page, account);
  await openDocuments(page);
  await choose(page, [handbook, scan, { name: "not-a.docx", mimeType: "application/octet-stream", buffer: Buffer.from("no archive") }, { name: "empty.txt", mimeType: "text/plain", buffer: Buffer.alloc(0) }]);
  await expect(page.getByText("Not a document that can be read")).toBeVisible();
  await expect(page.getByText("The file is empty.")).toBeVisible();
  await expect(row(page, "scan.pdf").getByText("This document cannot be searched")).toBeVisible({ timeout: 20_000 });
  await expect(row(page, "handbook.txt").getByText("Ready", { exact: true })).toBeVisible({ timeout: 20_000 });
  await choose(page, [{ ...handbook, name: "the same.txt" }]);
  await expect(page.getByText("Already here as handbook.txt")).toBeVisible();
  await picture(page, "documents-refused");
  await expectAccessible(page);
  // Chromium itself reports the two refusals.
  expect(complaints.splice(0).sort()).toEqual([expect.stringContaining("400"), expect.stringContaining("415")]);
});

test("files are dropped anywhere on the page, and a document is deleted only after a confirmation", async ({ page, account }) => {
  await register(page, account);
  await openDocuments(page);
  const dropped = await page.evaluateHandle(text => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], "dropped.txt", { type: "text/plain" }));
    return transfer;
  }, "Dropped text about the canteen, which opens at noon.");
  await page.dispatchEvent("h1", "dragover", { dataTransfer: dropped });
  await expect(page.getByText("Let go to add them")).toBeVisible();
  await page.dispatchEvent("h1", "drop", { dataTransfer: dropped });
  await expect(row(page, "dropped.txt")).toBeVisible();
  await page.getByRole("button", { name: "Delete dropped.txt" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("the assistant no longer answers from it");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(row(page, "dropped.txt")).toBeVisible();
  await page.getByRole("button", { name: "Delete dropped.txt" }).click();
  await dialog.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(row(page, "dropped.txt")).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "Add your first document" })).toBeVisible();
});

test("a server that is away, busy or full says so and takes nothing away", async ({ page, account, complaints }) => {
  await register(page, account);
  await page.route(/\/api\/documents\?/, route => route.fulfill({ status: 503, contentType: "application/problem+json", json: { title: "PostgreSQL is not available", status: 503, detail: "Try again shortly." } }));
  await openDocuments(page);
  await expect(page.getByText("PostgreSQL is not available")).toBeVisible({ timeout: 20_000 });
  await page.unroute(/\/api\/documents\?/);
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { name: "Add your first document" })).toBeVisible();

  await page.route("**/api/documents", route => route.abort());
  await choose(page, [handbook]);
  await expect(page.getByText("The server cannot be reached")).toBeVisible();
  await page.unroute("**/api/documents");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(row(page, "handbook.txt").getByText("Ready", { exact: true })).toBeVisible({ timeout: 20_000 });

  await page.route("**/api/search", route => route.fulfill({ status: 429, headers: { "Retry-After": "3" }, contentType: "application/problem+json", json: { title: "Too many requests", status: 429, detail: "Try again after the seconds in Retry-After." } }));
  await page.getByLabel("Search the documents").fill("receipts");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await expect(page.getByText("Too many requests", { exact: true })).toBeVisible();
  expect(complaints.splice(0).every(complaint => /503|429|ERR_FAILED/.test(complaint))).toBe(true);
});
