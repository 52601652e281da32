import { defineConfig } from "@playwright/test";

// The app in Debian's Chromium, against the binary with a PostgreSQL and Redis of its own: scripts/test brings these up.
export default defineConfig({
  testDir: "tests/e2e",
  outputDir: "test-results",
  workers: 2,
  timeout: 45_000,
  expect: { timeout: 10_000 },
  forbidOnly: true,
  reporter: [["line"], ["json", { outputFile: process.env.LEXCUSTIS_E2E_REPORT ?? "test-results/report.json" }]],
  use: {
    locale: "en-GB",
    viewport: { width: 1280, height: 860 },
    trace: "retain-on-failure",
    launchOptions: { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] },
  },
});
