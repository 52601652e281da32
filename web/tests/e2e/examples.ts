import type { Figures, Monitoring } from "@/api/types";

// Figures as a busy organization's server would answer them: what a page looks like full, without months of waiting.

function figuresOf(turns: number, noise: (most: number) => number): Figures {
  const flags = { pii: noise(turns * 0.08), injection: noise(turns * 0.02), bias: noise(turns * 0.03), low_confidence: noise(turns * 0.06) };
  const spread = { count: turns, mean: 0.7, median: 0.74, histogram: [1, 1, 2, 3, 6, 11, 21, 29, 19, 7].map(share => Math.round(share * turns / 100)) };
  const stopped = noise(turns * 0.06);
  const failed = noise(turns * 0.03);
  return {
    turns, outcomes: { completed: turns - stopped - failed, ...(stopped && { stopped }), ...(failed && { upstream_error: failed }) },
    flagged: Math.min(turns, Object.values(flags).reduce((sum, count) => sum + count, 0)), flags, confidence: spread, grounding: { ...spread, median: 0.81 },
    latency: {
      first_token: { count: turns, p50_ms: turns ? 380 + noise(120) : null, p95_ms: turns ? 1_500 + noise(700) : null },
      total: { count: turns, p50_ms: turns ? 2_100 + noise(500) : null, p95_ms: turns ? 7_200 + noise(2_400) : null },
    },
    tokens: { prompt: turns * 1_240, completion: turns * 310 }, refusals: { budget: 0, rate_limit: noise(4), suspended: 0 },
    unreadable: 0,
    oversight: { approved: noise(turns * 0.06), overridden: noise(turns * 0.02), escalated: noise(turns * 0.008), dismissed: noise(turns * 0.03) },
  };
}

const add = (a: unknown, b: unknown): unknown => typeof a === "number" && typeof b === "number" ? a + b
  : Array.isArray(a) && Array.isArray(b) ? a.map((one, index) => add(one, b[index]))
  : a !== null && typeof a === "object" ? Object.fromEntries([...new Set([...Object.keys(a), ...Object.keys(b as object)])].map(key => [key, add((a as Record<string, unknown>)[key] ?? 0, (b as Record<string, unknown>)[key] ?? 0)]))
  : a;

/** The same figures for the same days, always. */
export function exampleMonitoring(from: string, to: string): Monitoring {
  let seed = 7;
  const noise = (most: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.round(most * (0.4 + 1.2 * seed / 2_147_483_648));
  };
  const days: Monitoring["days"] = [];
  for (const day = new Date(`${from}T00:00:00Z`); day <= new Date(`${to}T00:00:00Z`); day.setUTCDate(day.getUTCDate() + 1)) {
    const weekend = day.getUTCDay() % 6 === 0;
    days.push({ day: day.toISOString().slice(0, 10), figures: figuresOf(noise(weekend ? 18 : 150), noise) });
  }

  const totals = days.map(one => one.figures).reduce((sum, one) => add(sum, one) as Figures);
  totals.confidence = { ...totals.confidence, mean: 0.7, median: 0.74 };
  totals.grounding = { ...totals.grounding, mean: 0.78, median: 0.81 };
  totals.latency = { first_token: { count: totals.turns, p50_ms: 420, p95_ms: 1_850 }, total: { count: totals.turns, p50_ms: 2_300, p95_ms: 8_600 } };
  const turns = totals.turns;
  const test = { value: 0.41, p_value: 0.68, turns, previous_turns: turns - 80, result: "no_drift" as const };
  const rate = { ...test, statistic: "two_proportion_z" as const };
  const score = { ...test, statistic: "kolmogorov_smirnov" as const, value: 0.03 };
  return {
    from, to, through_sequence: turns * 2, totals, days,
    providers: [{ provider: "mistral", model: "mistral-small-latest", figures: totals }],
    drift: {
      previous_from: "2026-09-24", previous_to: "2026-10-23", threshold: 0.00625,
      tests: [
        { ...rate, kind: "flagged", value: 3.12, p_value: 0.0018, current: 0.15, previous: 0.09, result: "drift" },
        { ...rate, kind: "flag.pii", current: 0.08, previous: 0.08 }, { ...rate, kind: "flag.injection", current: 0.02, previous: 0.02 },
        { ...rate, kind: "flag.bias", current: 0.03, previous: 0.03 }, { ...rate, kind: "flag.low_confidence", current: 0.06, previous: 0.05 },
        { ...rate, kind: "unfinished", current: 0.03, previous: 0.03 }, { ...score, kind: "confidence", current: 0.74, previous: 0.75 },
        { ...score, kind: "grounding", current: 0.81, previous: 0.81 },
      ],
    },
    alerts: [{ id: "01a2b3c4-0000-7000-8000-000000000001", sequence: 1_042, at: `${to}T00:05:00Z`, day: to, kind: "flagged", statistic: "two_proportion_z", value: 3.12, p_value: 0.0018, current: 0.15, previous: 0.09 }],
  };
}
