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
  /** Where the citation itself begins, if it is written in the text: what stands from here to `at` is shown as the number. */
  from?: number;
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

export function marksOfAnswer(report: ComplianceReport, written: readonly Citation[] = []): Mark[] {
  // A number in brackets says where something is from; it is no statement that wants support.
  const isCitation = ({ start, end }: { start: number; end: number }) => written.some(citation => citation.from! <= start + 1 && citation.at >= end - 1);
  const sentences = report.grounding.sentences.filter(sentence => !isCitation(sentence));
  return [
    ...sentences.filter(sentence => sentence.score < WEAK).map(sentence => ({ start: sentence.start, end: sentence.end, kind: "weak" as const, sentence })),
    ...sentences.flatMap(sentence => (sentence.unsupported ?? []).filter(finding => !isCitation(finding)).map(finding => ({ start: finding.start, end: finding.end, kind: "unsupported" as const, finding }))),
    ...report.pii.output.map(finding => ({ start: finding.start, end: finding.end, kind: "pii" as const, finding })),
    ...report.bias.map(finding => ({ start: finding.start, end: finding.end, kind: "bias" as const, finding })),
  ];
}

/** The citations that the answer has itself: a source's number in brackets, as models are asked to write. */
export function writtenCitations(answer: string, report: ComplianceReport, sourceIds: readonly string[]): Citation[] {
  return [...answer.matchAll(/\[(\d{1,2})\](?!\()/g)].flatMap(match => {
    const source = Number(match[1]) - 1;
    if (source < 0 || source >= sourceIds.length) return [];
    const from = match.index;
    // What it stands behind: the last sentence before it that says something.
    const sentence = report.grounding.sentences.findLast(one => one.start < from && /\p{L}{2}/u.test(answer.slice(one.start, Math.min(one.end, from))));
    return [{ from, at: from + match[0].length, source, sentence: { score: 1, ...sentence, start: sentence?.start ?? from, end: Math.min(sentence?.end ?? from, from) } }];
  });
}

/** One citation for a run of sentences from the same source, after the last of them, where the answer has none itself. */
export function citationsOf(answer: string, report: ComplianceReport, sourceIds: readonly string[]): Citation[] {
  const written = writtenCitations(answer, report, sourceIds);
  const sentences = report.grounding.sentences;
  const derived = sentences.flatMap((sentence, index) => {
    const source = sentence.source ? sourceIds.indexOf(sentence.source) : -1;
    if (source < 0 || sentence.score < WEAK) return [];
    const next = sentences[index + 1];
    const goesOn = next !== undefined && next.source === sentence.source && next.score >= WEAK
      && !/\n\s*\n|\n\s*(?:[-*+]|\d+[.)])\s/.test(answer.slice(sentence.end - 1, next.start + 3));
    if (goesOn || written.some(citation => citation.at > sentence.start && citation.from! <= sentence.end + 2)) return [];
    // The mark goes behind the last letter: what closes bold or code after it is not shown.
    let at = sentence.end;
    while (at > sentence.start && /[\s*_`~]/.test(answer[at - 1]!)) at--;
    return [{ at, source, sentence }];
  });
  return [...written, ...derived];
}

/** Cuts a piece of text wherever a mark begins or ends, or a citation stands. */
export function segments(text: string, start: number, marks: readonly Mark[], citations: readonly Citation[] = []): Segment[] {
  const end = start + text.length;
  const touching = marks.filter(mark => mark.start < end && mark.end > start && mark.end > mark.start);
  const cited = citations.filter(citation => citation.at > start && citation.at <= end);
  const edges = [...new Set([start, end, ...touching.flatMap(mark => [mark.start, mark.end]), ...cited.flatMap(citation => [citation.from ?? citation.at, citation.at])])]
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

/** Fewer words in a row than this may stand in both by chance. */
const SHORTEST_QUOTE = 5;

/** The parts of a passage that a sentence has word for word, in the passage's order; case, punctuation and markup may differ. */
export function findQuotes(passage: string, sentence: string): { start: number; end: number }[] {
  const [theirs, ours] = [wordsOf(passage), wordsOf(sentence)];
  const places = new Map<string, number[]>();
  theirs.forEach((word, index) => places.set(word.text, [...places.get(word.text) ?? [], index]));
  const quotes: { start: number; end: number }[] = [];
  for (let at = 0; at < ours.length;) {
    let [length, place] = [0, 0];
    for (const candidate of places.get(ours[at]!.text) ?? []) {
      let run = 1;
      while (theirs[candidate + run] !== undefined && theirs[candidate + run]!.text === ours[at + run]?.text) run++;
      if (run > length) [length, place] = [run, candidate];
    }

    if (length >= SHORTEST_QUOTE) quotes.push({ start: theirs[place]!.start, end: closed(passage, theirs[place + length - 1]!.end) });
    at += length >= SHORTEST_QUOTE ? length : 1;
  }

  return quotes.sort((a, b) => a.start - b.start).filter((quote, index, all) => index === 0 || quote.start >= all[index - 1]!.end);
}

/** With what closes a sentence after its last word. */
function closed(text: string, end: number): number {
  while (end < text.length && /[)\].,;:!?*_`”"]/.test(text[end]!)) end++;
  return end;
}

function wordsOf(text: string): { text: string; start: number; end: number }[] {
  return [...text.matchAll(/[\p{L}\p{N}]+/gu)].map(match => ({ text: match[0].toLowerCase(), start: match.index, end: match.index + match[0].length }));
}
