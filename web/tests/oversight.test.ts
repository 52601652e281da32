import { describe, expect, it } from "vitest";
import { textIn } from "@/api/unknown";
import { findingsOf } from "@/features/oversight/facts";
import { commandOf } from "@/features/oversight/keys";
import type { Key } from "@/i18n";
import { enPages } from "@/i18n/en-pages";

const press = (key: string, more: Partial<KeyboardEvent> = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, ...more });

describe("the keys of the queue", () => {
  it("move, open, decide and help", () => {
    expect(["j", "ArrowDown", "k", "ArrowUp"].map(key => commandOf(press(key), false, true))).toEqual([{ move: 1 }, { move: 1 }, { move: -1 }, { move: -1 }]);
    expect(["a", "o", "e", "d"].map(key => commandOf(press(key), false, true))).toEqual([{ decide: "approved" }, { decide: "overridden" }, { decide: "escalated" }, { decide: "dismissed" }]);
    expect([commandOf(press("Enter"), false, true), commandOf(press("?"), false, true), commandOf(press("x"), false, true)]).toEqual(["open", "help", undefined]);
  });

  it("are letters to those who type, and the browser's with Ctrl", () => {
    expect([commandOf(press("a"), true, true), commandOf(press("Enter"), true, true), commandOf(press("Escape"), true, true)]).toEqual([undefined, undefined, "close"]);
    expect(commandOf(press("d", { ctrlKey: true }), false, true)).toBeUndefined();
  });

  it("do without single letters where these are turned off", () => {
    expect([commandOf(press("j"), false, false), commandOf(press("?"), false, false), commandOf(press("ArrowDown"), false, false)]).toEqual([undefined, undefined, { move: 1 }]);
  });
});

describe("a turn's facts", () => {
  const words = { t: (key: Key) => (enPages as Record<string, string>)[key] ?? key, known: (key: string): key is Key => key in enPages, number: String };

  it("name what the checks found, with counts where there is more than one", () => {
    expect(findingsOf(words, { pii: { email: 2, iban: 1 }, injection: ["instruction_override"], bias: [], flags: ["pii"] })).toEqual([
      { name: "Personal data", text: "email (2), iban" },
      { name: "Prompt injection", text: "instruction override" },
    ]);
    expect(findingsOf(words, null)).toEqual([]);
  });

  it("survive content that is gone or of another kind", () => {
    expect([textIn("erased", "answer"), textIn(null, "answer"), textIn({ answer: 7 }, "answer"), textIn({ answer: "Yes" }, "answer")]).toEqual(["", "", "", "Yes"]);
  });
});
