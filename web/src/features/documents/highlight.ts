/** Shorter words than this are in every text. */
const SHORTEST = 3;

/** Nor do these say what a text is about. */
const COMMON = new Set((
  "the and for are was were been has have had not but with without from into onto over under than that this these those there their they them what when where which who whom whose why how "
  + "can could may might must shall should will would does did its our your his her any all also only about such "
  + "les des une dans par pour avec sans sur sous est sont ete etre que qui quoi quand quel quelle quels quelles comment pourquoi dont pas plus aux ces cette ses son nos vos leur leurs "
  + "der die das den dem des ein eine einen einem einer eines und oder aber mit ohne von vom zum zur fur auf aus bei nach uber unter ist sind war waren wird werden wurde hat haben nicht auch nur was wer wie wann welche welcher welches dass sich ihr ihre"
).split(" "));

/** Endings that a word may have more or less than the one that was asked for: "deadline" finds "deadlines". */
const ENDING = 2;

/** Where a text has the words of a query, in the text's order. Case, accents and the last letters may differ; offsets in UTF-16 code units. */
export function findWords(text: string, query: string): { start: number; end: number }[] {
  const wanted = [...new Set(wordsOf(query).map(word => fold(word.text)).filter(word => word.length >= SHORTEST && !COMMON.has(word)))];
  return wordsOf(text).filter(word => wanted.some(one => isSameWord(fold(word.text), one))).map(({ start, end }) => ({ start, end }));
}

function isSameWord(one: string, other: string): boolean {
  const shared = Math.max(SHORTEST, Math.max(one.length, other.length) - ENDING);
  return one.slice(0, shared) === other.slice(0, shared);
}

const fold = (word: string) => word.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function wordsOf(text: string): { text: string; start: number; end: number }[] {
  return [...text.matchAll(/[\p{L}\p{M}\p{N}]+/gu)].map(match => ({ text: match[0], start: match.index, end: match.index + match[0].length }));
}
