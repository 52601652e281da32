import { describe, expect, it } from "vitest";
import { alone, labelled, lineThrough, ticksOf } from "@/design/charts/scale";
import { nextDay } from "@/features/dossier/days";
import { daysBack, outcomesOf, pValue, unfinished } from "@/features/monitoring/figures";
import type { Figures } from "@/api/types";

describe("axes", () => {
  it("have few round values that reach the highest", () => {
    expect(ticksOf(0, true)).toEqual([0, 1]);
    expect(ticksOf(1, true)).toEqual([0, 1]);
    expect(ticksOf(3, true)).toEqual([0, 1, 2, 3]);
    expect(ticksOf(0.9, false)).toEqual([0, 0.25, 0.5, 0.75, 1]);
    for (const most of [1, 2, 7, 10, 23, 99, 100, 101, 5_000, 123_456]) {
      const ticks = ticksOf(most, true);
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(most);
      expect(ticks.at(-2)).toBeLessThan(most);
      expect(ticks.length).toBeLessThanOrEqual(6);
      expect(ticks.every(Number.isInteger)).toBe(true);
    }
  });

  it("are labelled where there is room, the last place always", () => {
    expect(labelled(30, 640)).toEqual([2, 5, 8, 11, 14, 17, 20, 23, 26, 29]);
    expect(labelled(7, 640)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(labelled(365, 300).length).toBeLessThanOrEqual(5);
    expect(labelled(0, 100)).toEqual([]);
  });
});

describe("lines", () => {
  it("are lifted where there is no value", () => {
    expect(lineThrough([1, 2, null, 3], index => index, value => value)).toBe("M0 1L1 2M3 3");
    expect(alone([1, null, 2, 3, null, 4])).toEqual([0, 5]);
  });
});

describe("figures", () => {
  const figures = (outcomes: Record<string, number>) => ({ outcomes }) as unknown as Figures;

  it("counts days of UTC, both ends included", () => {
    expect(daysBack(7, new Date("2026-03-01T23:59:00Z"))).toEqual({ from: "2026-02-23", to: "2026-03-01" });
    expect(nextDay("2026-02-28", new Date("2026-06-01T00:00:00Z"))).toBe("2026-03-01");
    expect(nextDay("2026-06-01", new Date("2026-06-01T12:00:00Z"))).toBeUndefined();
  });

  it("knows what is unfinished, also outcomes of a newer server", () => {
    expect(unfinished(figures({ completed: 5, stopped: 2, timeout: 1, of_tomorrow: 3 }))).toBe(4);
    expect(outcomesOf([figures({ timeout: 1 }), figures({ completed: 1, of_tomorrow: 1 })])).toEqual(["completed", "of_tomorrow", "timeout"]);
  });

  it("writes p values so that they can be read", () => {
    expect(pValue(0.00372, "en")).toBe("0.0037");
    expect(pValue(1e-9, "en")).toBe("< 0.0001");
    expect(pValue(0.4567, "de")).toBe("0,46");
  });
});
