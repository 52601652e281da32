import type { DriftTest, Figures } from "@/api/types";

/** Days of UTC, as the server counts them. */
export function daysBack(count: number, now = new Date()): { from: string; to: string } {
  const first = new Date(now);
  first.setUTCDate(first.getUTCDate() - (count - 1));
  return { from: first.toISOString().slice(0, 10), to: now.toISOString().slice(0, 10) };
}

/** Turns that did not end as they should: neither completed nor stopped by their asker. */
export const unfinished = (figures: Figures): number =>
  Object.entries(figures.outcomes).reduce((sum, [outcome, count]) => outcome === "completed" || outcome === "stopped" ? sum : sum + count, 0);

export const decisions = (figures: Figures): number => Object.values(figures.oversight).reduce((sum, count) => sum + count, 0);

export const share = (part: number, whole: number): number | null => whole === 0 ? null : part / whole;

/** The outcomes that occurred in any of these, the usual ones first. */
export function outcomesOf(all: readonly Figures[]): string[] {
  const found = new Set(all.flatMap(figures => Object.keys(figures.outcomes)));
  return ["completed", "stopped", ...[...found].filter(name => name !== "completed" && name !== "stopped").sort()].filter(name => found.has(name) || name === "completed");
}

/** p values in two digits that count; below one in ten thousand that is all there is to say. */
export const pValue = (value: number, language: string): string =>
  value < 0.0001 ? `< ${(0.0001).toLocaleString(language, { maximumSignificantDigits: 1 })}` : value.toLocaleString(language, { maximumSignificantDigits: 2 });

/** The letter that statisticians use for a test's statistic. */
export const letterOf = (statistic: DriftTest["statistic"]): string => statistic === "two_proportion_z" ? "z" : "D";
