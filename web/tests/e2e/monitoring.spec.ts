import { ask, expect, expectAccessible, picture, register, test } from "./app";
import { exampleMonitoring } from "./examples";

test("charts come with their numbers as tables, and only where they are shown", async ({ page, account }) => {
  const loaded: string[] = [];
  page.on("request", request => loaded.push(request.url()));
  await register(page, account);
  await ask(page, "Write to jane.doe@example.org: how long must providers keep logs?");
  await expect(page.getByText(/^Recorded as entry/)).toBeVisible();
  const before = new Set(loaded);
  await page.getByRole("link", { name: "Monitoring", exact: true }).click();
  const turns = page.getByRole("img", { name: /^Turns by day, .* At most 1, on / });
  await expect(turns).toBeVisible();
  await expect(page.getByText("Personal data1")).toBeVisible();
  await page.getByText("As a table").first().click();
  const table = page.getByRole("group", { name: "Turns by day" });
  await expect(table.getByRole("row")).toHaveCount(31);
  await expect(table.getByRole("row").last()).toContainText("1");
  await expect(page.getByText(/^too few turns to tell: 1 now, 0 before$/).first()).toBeVisible();
  // The picture's code came with this page, in a file of its own.
  const scripts = [...new Set(loaded)].filter(url => !before.has(url) && url.endsWith(".js"));
  const texts = await Promise.all(scripts.map(async url => (await page.request.get(url)).text()));
  expect(texts.filter(text => text.includes("patternUnits"))).toHaveLength(1);
  await expectAccessible(page);
});

test("entries that somebody changed are said to be left out", async ({ page, account }) => {
  await register(page, account);
  await page.route(/\/api\/monitoring\?/, route => {
    const query = new URL(route.request().url()).searchParams;
    const data = exampleMonitoring(query.get("from")!, query.get("to")!);
    return route.fulfill({ json: { ...data, totals: { ...data.totals, unreadable: 2 } } });
  });
  await page.getByRole("link", { name: "Monitoring", exact: true }).click();
  await expect(page.getByText("Entries that cannot be read: 2")).toBeVisible();
  await expectAccessible(page);
});

test("a year of figures is drawn, drift is said in words, and the table has every day", async ({ page, account }) => {
  await register(page, account);
  await page.route(/\/api\/monitoring\?/, route => {
    const query = new URL(route.request().url()).searchParams;
    return route.fulfill({ json: exampleMonitoring(query.get("from")!, query.get("to")!) });
  });
  await page.getByRole("link", { name: "Monitoring", exact: true }).click();
  await expect(page.getByText(/^Turns with a flag rose from 9% to 15%\. By chance alone/)).toBeVisible();
  await expect(page.getByRole("row", { name: /Turns with a flag/ })).toContainText("z = 3.12");
  await page.getByRole("img", { name: /^Turns by day/ }).hover({ position: { x: 400, y: 60 } });
  await picture(page, "monitoring");
  await page.getByRole("heading", { name: "Has it changed?" }).scrollIntoViewIfNeeded();
  await picture(page, "monitoring-drift");
  await expectAccessible(page);
  await page.getByLabel("Time", { exact: true }).selectOption("Last 365 days");
  await expect(page.getByRole("img", { name: /^Turns by day/ })).toBeVisible();
  await page.getByText("As a table").first().click();
  await expect(page.getByRole("group", { name: "Turns by day" }).getByRole("row")).toHaveCount(366);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.evaluate(() => scrollTo(0, 0));
  await picture(page, "monitoring-year-dark");
  await expectAccessible(page);
});
