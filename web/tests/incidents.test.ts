import { describe, expect, it } from "vitest";
import { fromField, inWords, toField, urgencyOf } from "@/features/incidents/deadline";

const HOUR = 3_600_000;
const now = Date.parse("2026-11-22T12:00:00Z");
const at = (hours: number) => ({ status: "open" as const, deadline: new Date(now + hours * HOUR).toISOString() });

describe("deadlines", () => {
  it("become urgent in their last two days, and stay so until somebody reports or closes", () => {
    expect([at(49), at(48), at(1), at(0), at(-0.01)].map(one => urgencyOf(one, now))).toEqual(["calm", "soon", "soon", "soon", "overdue"]);
    expect(urgencyOf({ ...at(-100), status: "reported" }, now)).toBe("done");
    expect(urgencyOf({ ...at(-100), status: "closed" }, now)).toBe("done");
  });

  it("are told in the two units that matter", () => {
    expect(inWords(15 * 24 * HOUR)).toEqual([[15, "day"]]);
    expect(inWords(9 * 24 * HOUR + 5 * HOUR)).toEqual([[9, "day"]]);
    expect(inWords(3 * 24 * HOUR + 5 * HOUR + 59 * 60_000)).toEqual([[3, "day"], [5, "hour"]]);
    expect(inWords(-5 * HOUR - 30 * 60_000)).toEqual([[5, "hour"], [30, "minute"]]);
    expect(inWords(59_999)).toEqual([[0, "minute"]]);
  });

  it("survive a field for date and time", () => {
    expect(fromField(toField("2026-03-29T01:30:00Z"))).toBe("2026-03-29T01:30:00.000Z");
    expect(fromField("")).toBeUndefined();
  });
});
