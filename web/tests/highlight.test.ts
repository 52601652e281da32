import { describe, expect, it } from "vitest";
import { findWords } from "@/features/documents/highlight";

const found = (text: string, query: string) => findWords(text, query).map(({ start, end }) => text.slice(start, end));

describe("findWords", () => {
  it("finds the words of a query in the text's order, whatever their case", () => {
    expect(found("The Notice period of the lease is three months; a notice is written.", "lease notice")).toEqual(["Notice", "lease", "notice"]);
  });

  it("finds other endings and other accents", () => {
    expect(found("Fristen, Frist; deadlines and deadline", "frist deadline")).toEqual(["Fristen", "Frist", "deadlines", "deadline"]);
    expect(found("Le préavis est écrit.", "preavis ecrit")).toEqual(["préavis", "écrit"]);
  });

  it("passes over words that are in every text, and finds no word within another", () => {
    expect(found("It is an island of its own in it, and the office is there", "is it an of the and für der les")).toEqual([]);
    expect(found("Contracting parties subcontract", "contract")).toEqual([]);
  });

  it("gives offsets in UTF-16 code units", () => {
    expect(findWords("😀 lease", "lease")).toEqual([{ start: 3, end: 8 }]);
  });
});
