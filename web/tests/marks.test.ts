import { describe, expect, it } from "vitest";
import type { ComplianceReport } from "@/api/types";
import { citationsOf, findQuotes, marksOfAnswer, segments, type Mark } from "@/features/chat/marks";

const mark = (start: number, end: number, kind: Mark["kind"] = "pii"): Mark => ({ start, end, kind });

const report = (sentences: ComplianceReport["grounding"]["sentences"]): ComplianceReport => ({
  pii: { input: [], output: [] }, injection: { input: [], sources: [] }, bias: [], confidence: { score: 1, reasons: [] }, grounding: { score: 1, sentences },
});

describe("segments", () => {
  it("cuts where marks begin and end and loses no text", () => {
    const cut = segments("write to jane@example.org now", 100, [mark(109, 125), mark(100, 112, "weak")]);
    expect(cut.map(segment => segment.text)).toEqual(["write to ", "jan", "e@example.org", " now"]);
    expect(cut.map(segment => segment.marks.map(one => one.kind))).toEqual([["weak"], ["pii", "weak"], ["pii"], []]);
  });

  it("passes over marks that lie elsewhere", () => {
    expect(segments("abc", 10, [mark(0, 10), mark(13, 20), mark(11, 11)])).toMatchObject([{ text: "abc", marks: [] }]);
  });

  it("puts a citation behind the text that ends where it stands", () => {
    const [first, second] = segments("One. Two.", 0, [], [{ at: 4, source: 0, sentence: { start: 0, end: 4, score: 1, source: "a" } }]);
    expect(first).toMatchObject({ text: "One.", citations: [{ source: 0 }] });
    expect(second).toMatchObject({ text: " Two.", citations: [] });
  });
});

describe("citationsOf", () => {
  it("cites once for neighbours from one source, not at all what is weak or unknown", () => {
    const answer = "One. Two. Three. Four.";
    const found = citationsOf(answer, report([
      { start: 0, end: 4, score: 0.9, source: "a" }, { start: 5, end: 9, score: 0.9, source: "a" },
      { start: 10, end: 16, score: 0.2, source: "a" }, { start: 17, end: 22, score: 0.9, source: "gone" },
    ]), ["a", "b"]);
    expect(found.map(citation => citation.at)).toEqual([9]);
  });

  it("stands before the marks that close bold text", () => {
    expect(citationsOf("**One.** ", report([{ start: 0, end: 9, score: 1, source: "a" }]), ["a"])[0]?.at).toBe(6);
  });

  it("cites each item of a list", () => {
    const answer = "- One is here.\n- Two is here.";
    const found = citationsOf(answer, report([{ start: 2, end: 14, score: 1, source: "a" }, { start: 17, end: 29, score: 1, source: "a" }]), ["a"]);
    expect(found.map(citation => citation.at)).toEqual([14, 29]);
  });
});

describe("citations that the answer has itself", () => {
  const answer = "Art. 19 says: “at least six months.” [2]\n\nMore. [7]";
  const found = report([{ start: 0, end: 36, score: 1, source: "a" }, { start: 37, end: 40, score: 0 }, { start: 42, end: 47, score: 0.9 }, { start: 48, end: 51, score: 0 }]);

  it("take the place of ours, and a number that is no source's is left alone", () => {
    expect(citationsOf(answer, found, ["a", "b"])).toMatchObject([{ from: 37, at: 40, source: 1, sentence: { start: 0, end: 36 } }]);
  });

  it("are no weak statements", () => {
    expect(marksOfAnswer(found, citationsOf(answer, found, ["a", "b"])).map(mark => mark.start)).toEqual([48]);
  });

  it("stand as pieces of their own", () => {
    expect(segments("x [2] y", 0, [], [{ from: 2, at: 5, source: 1, sentence: { start: 0, end: 1, score: 1 } }]).map(segment => segment.text)).toEqual(["x ", "[2]", " y"]);
  });

  it("survive a sentence without a source at the end", () => {
    expect(citationsOf("Hm.", report([{ start: 0, end: 3, score: 0.9 }]), ["a"])).toEqual([]);
  });
});

describe("findQuotes", () => {
  const found = (passage: string, sentence: string) => findQuotes(passage, sentence).map(({ start, end }) => passage.slice(start, end));

  it("finds words as they stand, whatever the punctuation and markup between them", () => {
    expect(found("Before. Providers **keep** the\nlogs for six months. After.", "It says: “Providers keep the logs for six months.” [4]")).toEqual(["Providers **keep** the\nlogs for six months."]);
  });

  it("finds each of several parts that an answer joined", () => {
    const passage = "Providers keep logs for six months. Something between. The duty covers logs under their control.";
    expect(found(passage, "The duty covers logs under their control. Providers keep logs for six months.")).toEqual(["Providers keep logs for six months.", "The duty covers logs under their control."]);
  });

  it("finds nothing in other words, or in a few that stand in both by chance", () => {
    expect(found("Something else entirely.", "Providers keep the logs.")).toEqual([]);
    expect(found("It is up to the provider (see above).", "What is up to you?")).toEqual([]);
  });
});
