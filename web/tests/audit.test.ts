import { describe, expect, it } from "vitest";
import type { AuditItem, VerificationReport } from "@/api/types";
import { blocksOf, placeOfInterest } from "@/features/audit/chain";
import { factText } from "@/features/audit/EntryView";
import { dayOf, startOfDay } from "@/features/audit/Filters";
import { rowsInView } from "@/features/audit/useWindow";

const item = (sequence: number): AuditItem => ({ id: `id${sequence}`, sequence, created_at: "2026-01-01T00:00:00Z", event_type: "chat.completed", user_id: null, data: {}, has_content: false, entry_hash: "aa" });
const report = (findings: VerificationReport["findings"]): VerificationReport => ({
  organization_id: "o", valid: findings.length === 0, rows: 9, previous_key: 0, head: { sequence: 9, entry_hash: "ff" }, checkpoints: { stored: 1, anchored: 1, latest_size: 9, unverified: 0 }, findings, verified_at: "2026-01-01T00:00:00Z", duration_ms: 1,
});

describe("the chain's picture", () => {
  it("looks at the first place that is wrong", () => {
    expect(placeOfInterest(undefined)).toBeNull();
    expect(placeOfInterest(report([]))).toBeNull();
    expect(placeOfInterest(report([{ verdict: "broken_link", first_sequence: 7, count: 1 }, { verdict: "hash_mismatch", first_sequence: 6, count: 1 }]))).toBe(6);
  });

  it("shows what is missing, and which links do not hold", () => {
    const blocks = blocksOf([item(5), item(4), item(7)], report([{ verdict: "sequence_gap", first_sequence: 6, count: 1 }, { verdict: "broken_link", first_sequence: 7, count: 1 }]));
    expect(blocks.map(block => [block.sequence, block.item !== null, block.linked])).toEqual([[4, true, true], [5, true, true], [6, false, false], [7, true, false]]);
    expect(blocks[2]?.verdicts).toEqual(["sequence_gap"]);
  });
});

describe("a chain that was cut off", () => {
  it("shows what is missing after its end", () => {
    const cut = report([{ verdict: "truncated", first_sequence: 6, count: 40 }]);
    const blocks = blocksOf([item(4), item(5)], cut);
    expect(blocks.map(block => [block.sequence, block.item !== null, block.linked])).toEqual([[4, true, true], [5, true, true], [6, false, false], [7, false, false]]);
    expect(placeOfInterest(cut)).toBe(6);
  });

  it("shows nothing where entries were cut elsewhere than what is looked at", () => {
    expect(blocksOf([item(1), item(2)], report([{ verdict: "truncated", first_sequence: 6, count: 1 }]))).toHaveLength(2);
  });
});

describe("the list", () => {
  it("draws the rows in view and a few more, however long it is", () => {
    expect(rowsInView(0, 800, 40, 10_000)).toEqual({ first: 0, last: 32 });
    const middle = rowsInView(200_000, 800, 40, 10_000);
    expect(middle.first).toBeLessThan(5_000);
    expect(middle.last - middle.first).toBeLessThan(60);
    expect(rowsInView(999_999, 800, 40, 10)).toEqual({ first: 10, last: 10 });
  });
});

describe("filters and facts", () => {
  it("turns days into the moments at which they begin and end, and back", () => {
    expect(dayOf(startOfDay("2026-03-29", 0), 0)).toBe("2026-03-29");
    expect(dayOf(startOfDay("2026-12-31", 1), -1)).toBe("2026-12-31");
    expect(startOfDay("", 0)).toBeUndefined();
  });

  it("writes facts as text", () => {
    expect(factText({ email: 2, iban: 1 })).toBe("email: 2, iban: 1");
    expect(factText([])).toBe("–");
    expect(factText(["a", "b"])).toBe("a, b");
    expect(factText(false)).toBe("false");
  });
});
