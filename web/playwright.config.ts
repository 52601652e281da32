import { defineConfig } from "@playwright/test";

// The app in Debian's Chromium, against the binary with a PostgreSQL and Redis of its own: scripts/test brings these up.
export default defineConfig({
  testDir: "tests/e2e",
  testIgnore: process.env.LEXCUSTIS_README_SCREENSHOTS ? [] : ["readme.spec.ts"], // makes pictures, asks nothing
  outputDir: process.env.LEXCUSTIS_E2E_RESULTS ?? "test-results",
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  globalTimeout: 20 * 60_000, // a run takes two to four minutes on two cores
  forbidOnly: true,
  // A test that passes the second time counts as passed there, and is named as flaky at the end of the run.
  retries: process.env.CI ? 1 : 0,
  reporter: [[process.env.CI ? "list" : "line"], ["json", { outputFile: process.env.LEXCUSTIS_E2E_REPORT ?? "test-results/report.json" }]],
  use: {
    locale: "en-GB",
    viewport: { width: 1280, height: 860 },
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] },
  },
});
