import type { ComplianceReport, Finding, GroundedSentence } from "@/api/types";

export type MarkKind = "pii" | "injection" | "bias" | "weak" | "unsupported";

/** A part of a text that is to be shown as something; offsets in UTF-16 code units. */
export interface Mark {
  start: number;
  end: number;
  kind: MarkKind;
  finding?: Finding;
  sentence?: GroundedSentence;
}

/** A number that refers to a source, shown after the text that ends at `at`. */
export interface Citation {
  at: number;
  source: number;
  sentence: GroundedSentence;
}

export interface Segment {
  text: string;
  start: number;
  marks: Mark[];
  citations: Citation[];
}

/** Below this, a sentence counts as weakly supported: the same bound as in the server's reasons. */
export const WEAK = 0.5;

export function marksOfMessage(report: ComplianceReport): Mark[] {
  return [
    ...report.pii.input.map(finding => ({ start: finding.start, end: finding.end, kind: "pii" as const, finding })),
    ...report.injection.input.map(finding => ({ start: finding.start, end: finding.end, kind: "injection" as const, finding })),
  ];
}

export function marksOfAnswer(report: ComplianceReport): Mark[] {
  return [
    ...report.grounding.sentences.filter(sentence => sentence.score < WEAK).map(sentence => ({ start: sentence.start, end: sentence.end, kind: "weak" as const, sentence })),
    ...report.grounding.sentences.flatMap(sentence => (sentence.unsupported ?? []).map(finding => ({ start: finding.start, end: finding.end, kind: "unsupported" as const, finding }))),
    ...report.pii.output.map(finding => ({ start: finding.start, end: finding.end, kind: "pii" as const, finding })),
    ...report.bias.map(finding => ({ start: finding.start, end: finding.end, kind: "bias" as const, finding })),
  ];
}

/** One citation for a run of sentences from the same source, after the last of them. */
export function citationsOf(answer: string, report: ComplianceReport, sourceIds: readonly string[]): Citation[] {
  const sentences = report.grounding.sentences;
  return sentences.flatMap((sentence, index) => {
    const source = sentence.source === null ? -1 : sourceIds.indexOf(sentence.source);
    const next = sentences[index + 1];
    const goesOn = next?.source === sentence.source && !/\n\s*\n|\n\s*(?:[-*+]|\d+[.)])\s/.test(answer.slice(sentence.end - 1, next.start + 3));
    if (source < 0 || sentence.score < WEAK || (goesOn && next.score >= WEAK)) return [];
    // The mark goes behind the last letter: what closes bold or code after it is not shown.
    let at = sentence.end;
    while (at > sentence.start && /[\s*_`~]/.test(answer[at - 1]!)) at--;
    return [{ at, source, sentence }];
  });
}

/** Cuts a piece of text wherever a mark begins or ends, or a citation stands. */
export function segments(text: string, start: number, marks: readonly Mark[], citations: readonly Citation[] = []): Segment[] {
  const end = start + text.length;
  const touching = marks.filter(mark => mark.start < end && mark.end > start && mark.end > mark.start);
  const cited = citations.filter(citation => citation.at > start && citation.at <= end);
  const edges = [...new Set([start, end, ...touching.flatMap(mark => [mark.start, mark.end]), ...cited.map(citation => citation.at)])]
    .filter(edge => edge >= start && edge <= end)
    .sort((a, b) => a - b);
  return edges.slice(0, -1).map((from, index) => {
    const to = edges[index + 1]!;
    return {
      text: text.slice(from - start, to - start),
      start: from,
      marks: touching.filter(mark => mark.start < to && mark.end > from),
      citations: cited.filter(citation => citation.at === to),
    };
  });
}

/** Where a passage says what a sentence says, if it says it word for word; white space and markup may differ. */
export function findQuote(passage: string, sentence: string): { start: number; end: number } | null {
  const words = sentence.replace(/[*_`]/g, "").trim().split(/\s+/).filter(Boolean);
  if (words.length < 3) return null;
  const between = "[\\s*_`]+";
  const pattern = words.map(word => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(between);
  const found = new RegExp(pattern, "i").exec(passage);
  return found ? { start: found.index, end: found.index + found[0].length } : null;
}
