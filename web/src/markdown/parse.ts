// Markdown as models write it, without raw HTML and without images: what is not known stays text. Every piece of text
// keeps the place that it has in the source, so that findings, which are offsets into the source, can be shown in it.

export interface Text {
  kind: "text" | "code";
  text: string;
  /** Offset in the source, in UTF-16 code units; `text` stands there unchanged. */
  start: number;
}

export type Inline =
  | Text
  | { kind: "strong" | "emphasis" | "strike"; children: Inline[] }
  | { kind: "link"; href: string; children: Inline[] }
  | { kind: "break" };

export type Block = { start: number } & (
  | { kind: "paragraph"; children: Inline[] }
  | { kind: "heading"; level: number; children: Inline[] }
  | { kind: "codeblock"; language: string; text: string }
  | { kind: "quote"; blocks: Block[] }
  | { kind: "list"; ordered: boolean; first: number; items: ListItem[] }
  | { kind: "table"; head: Inline[][]; rows: Inline[][][] }
  | { kind: "rule" }
);

export interface ListItem {
  start: number;
  blocks: Block[];
}

interface Line {
  text: string;
  start: number;
}

const MAXIMUM_DEPTH = 8;

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([^\s`]*)[^`]*$/;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$/;
const RULE = /^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])( {1,4}|\t|$)/;
const TABLE_RULE = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

/** @param from Where the blocks begin in the source; what stands before was parsed already. */
export function parseMarkdown(source: string, from = 0): Block[] {
  const lines: Line[] = [];
  for (let start = from; start < source.length;) {
    const end = source.indexOf("\n", start);
    const stop = end < 0 ? source.length : end;
    lines.push({ text: source.slice(start, source[stop - 1] === "\r" && stop > start ? stop - 1 : stop), start });
    start = stop + 1;
  }

  return parseBlocks(lines, 0);
}

/**
 * Parses text that grows. A block that another one follows cannot change any more and keeps its identity; only the end
 * is parsed again, so that a long answer costs little for each piece that arrives.
 */
export class GrowingMarkdown {
  private settled: Block[] = [];
  private settledEnd = 0;
  private lastList: ListItem[] = [];

  /** @param source What the last call had, and more. */
  update(source: string): Block[] {
    const open = parseMarkdown(source, this.settledEnd);
    // The last line may still turn into anything, a further item of the list before it for one.
    const last = open.at(-1);
    const firm = open.length - (last && source.includes("\n", last.start) ? 1 : 2);
    this.keepItems(last);
    if (firm > 0) {
      this.settled = [...this.settled, ...open.slice(0, firm)];
      this.settledEnd = open[firm]!.start;
    }

    return firm > 0 ? [...this.settled, ...open.slice(firm)] : [...this.settled, ...open];
  }

  /** A list stays open until something else follows, but its items are as settled as blocks are. */
  private keepItems(last: Block | undefined): void {
    const items = last?.kind === "list" ? last.items : [];
    for (let index = 0; index < this.lastList.length - 2 && this.lastList[index]?.start === items[index]?.start; index++) items[index] = this.lastList[index]!;
    this.lastList = items;
  }
}

function parseBlocks(lines: Line[], depth: number): Block[] {
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at]!;
    if (isBlank(line.text)) {
      at++;
      continue;
    }

    const fence = FENCE.exec(line.text);
    const heading = HEADING.exec(line.text);
    if (fence) {
      const [block, next] = readFence(lines, at, fence);
      blocks.push(block);
      at = next;
    } else if (heading) {
      const text = heading[2] ?? "";
      const start = line.start + line.text.indexOf(text, heading[1]!.length);
      blocks.push({ kind: "heading", level: heading[1]!.length, start: line.start, children: parseInline([{ text, start }]) });
      at++;
    } else if (RULE.test(line.text)) {
      blocks.push({ kind: "rule", start: line.start });
      at++;
    } else if (QUOTE.test(line.text) && depth < MAXIMUM_DEPTH) {
      const quoted: Line[] = [];
      for (; at < lines.length && QUOTE.test(lines[at]!.text); at++) quoted.push(cut(lines[at]!, QUOTE.exec(lines[at]!.text)![0].length));
      blocks.push({ kind: "quote", start: line.start, blocks: parseBlocks(quoted, depth + 1) });
    } else if (ITEM.test(line.text) && depth < MAXIMUM_DEPTH) {
      const [block, next] = readList(lines, at, depth);
      blocks.push(block);
      at = next;
    } else if (line.text.includes("|") && TABLE_RULE.test(lines[at + 1]?.text ?? "") && lines[at + 1]!.text.includes("-")
      && cells(line).length === cells(lines[at + 1]!).length) {
      const [block, next] = readTable(lines, at);
      blocks.push(block);
      at = next;
    } else {
      const paragraph: Line[] = [];
      do paragraph.push(trimStart(lines[at++]!));
      while (at < lines.length && !isBlank(lines[at]!.text) && !interrupts(lines[at]!.text));
      blocks.push({ kind: "paragraph", start: line.start, children: parseInline(paragraph) });
    }
  }

  return blocks;
}

function interrupts(text: string): boolean {
  if (FENCE.test(text) || HEADING.test(text) || RULE.test(text) || QUOTE.test(text)) return true;
  const item = ITEM.exec(text);
  // A number that happens to begin a line begins no list, unless it is 1.
  return item !== null && item[3] !== "" && (!/\d/.test(item[2]!) || /^1[.)]$/.test(item[2]!));
}

function readFence(lines: Line[], at: number, fence: RegExpExecArray): [Block, number] {
  const open = lines[at]!;
  const mark = fence[1]!;
  const indent = open.text.length - open.text.trimStart().length;
  const text: string[] = [];
  let next = at + 1;
  for (; next < lines.length; next++) {
    const line = lines[next]!.text;
    const trimmed = line.trim();
    if (trimmed.length >= mark.length && trimmed.startsWith(mark[0]!) && trimmed === mark[0]!.repeat(trimmed.length)) break;
    text.push(line.slice(Math.min(indent, line.length - line.trimStart().length)));
  }

  return [{ kind: "codeblock", start: open.start, language: fence[2] ?? "", text: text.join("\n") }, Math.min(next + 1, lines.length)];
}

function readList(lines: Line[], at: number, depth: number): [Block, number] {
  const start = lines[at]!.start;
  const [, , marker] = ITEM.exec(lines[at]!.text)!;
  const ordered = /\d/.test(marker!);
  const kind = marker!.at(-1);
  const items: ListItem[] = [];
  while (at < lines.length) {
    const item = ITEM.exec(lines[at]!.text);
    if (!item || item[2]!.at(-1) !== kind || /\d/.test(item[2]!) !== ordered || RULE.test(lines[at]!.text)) break;
    const width = item[0].length || 1;
    const itemStart = lines[at]!.start;
    const content = [cut(lines[at]!, item[0].length)];
    at++;
    for (; at < lines.length; at++) {
      const line = lines[at]!;
      if (isBlank(line.text)) {
        // A blank line belongs to the item when what follows it does.
        let after = at;
        while (after < lines.length && isBlank(lines[after]!.text)) after++;
        if (after === lines.length || indentOf(lines[after]!.text) < Math.min(width, 2)) break;
        content.push(line);
      } else if (indentOf(line.text) >= Math.min(width, 2)) {
        content.push(cut(line, Math.min(width, indentOf(line.text))));
      } else if (!ITEM.test(line.text) && !interrupts(line.text) && !isBlank(lines[at - 1]!.text)) {
        content.push(line);
      } else {
        break;
      }
    }

    items.push({ start: itemStart, blocks: parseBlocks(content, depth + 1) });
    // Items may be set apart by blank lines.
    let after = at;
    while (after < lines.length && isBlank(lines[after]!.text)) after++;
    if (after < lines.length && ITEM.test(lines[after]!.text)) at = after;
  }

  return [{ kind: "list", start, ordered, first: ordered ? Number.parseInt(marker!, 10) : 1, items }, at];
}

function readTable(lines: Line[], at: number): [Block, number] {
  const start = lines[at]!.start;
  const head = cells(lines[at]!).map(cell => parseInline([cell]));
  const rows: Inline[][][] = [];
  let next = at + 2;
  for (; next < lines.length && lines[next]!.text.includes("|") && !isBlank(lines[next]!.text); next++) {
    const row = cells(lines[next]!).slice(0, head.length).map(cell => parseInline([cell]));
    while (row.length < head.length) row.push([]);
    rows.push(row);
  }

  return [{ kind: "table", start, head, rows }, next];
}

function cells(line: Line): Line[] {
  const found: Line[] = [];
  const { text } = line;
  let from = text.search(/\S/);
  if (from < 0) return found;
  if (text[from] === "|") from++;
  for (let to = from; to <= text.length; to++) {
    if (to < text.length && (text[to] !== "|" || text[to - 1] === "\\")) continue;
    const cell = text.slice(from, to);
    if (to < text.length || cell.trim() !== "") {
      const inner = cell.trim();
      found.push({ text: inner, start: line.start + from + Math.max(0, cell.indexOf(inner)) });
    }

    from = to + 1;
  }

  return found;
}

const isBlank = (text: string) => text.trim() === "";
const indentOf = (text: string) => (/^[ \t]*/.exec(text)![0]).replaceAll("\t", "    ").length;
const cut = (line: Line, width: number): Line => ({ text: line.text.slice(width), start: line.start + Math.min(width, line.text.length) });

function trimStart(line: Line): Line {
  return cut(line, line.text.length - line.text.trimStart().length);
}

// --- Inside a paragraph -------------------------------------------------------------------------------------------------

const ESCAPABLE = /[!-/:-@[-`{-~]/;
const ADDRESS = /https?:\/\/[^\s<>"']*[^\s<>"'.,:;!?)\]}*_]/y;

function parseInline(lines: Line[]): Inline[] {
  return new InlineParser(lines).parse();
}

class InlineParser {
  private readonly text: string;
  /** Lines that do not reach that far were found to have no closing mark, so that none is looked for again. */
  private readonly hopeless = new Map<string, number>();

  constructor(private readonly lines: Line[]) {
    this.text = lines.map(line => line.text).join("\n");
  }

  parse(): Inline[] {
    return this.range(0, this.text.trimEnd().length, 0);
  }

  private range(from: number, to: number, depth: number): Inline[] {
    const out: Inline[] = [];
    let plain = from;
    let at = from;
    const flush = (end: number) => {
      if (end > plain) out.push(...this.pieces("text", plain, end));
    };
    const take = (node: Inline | Inline[], end: number) => {
      flush(at);
      out.push(...Array.isArray(node) ? node : [node]);
      at = plain = end;
    };

    while (at < to) {
      const character = this.text[at]!;
      if (character === "\\" && ESCAPABLE.test(this.text[at + 1] ?? "")) {
        flush(at);
        plain = at + 1;
        at += 2;
      } else if (character === "\n" && (this.text.startsWith("  ", at - 2) || this.text[at - 1] === "\\") && at - 2 >= from) {
        const backslash = this.text[at - 1] === "\\" ? 1 : 0;
        if (at - backslash > plain) out.push(...this.pieces("text", plain, at - backslash));
        plain = at;
        take({ kind: "break" }, at + 1);
      } else if (character === "`") {
        const run = this.runOf("`", at, to);
        const close = this.find("`".repeat(run), at + run, to, true);
        if (close < 0) at += run;
        else take(this.pieces("code", at + run, close), close + run);
      } else if ((character === "*" || character === "_" || character === "~") && depth < MAXIMUM_DEPTH) {
        const [node, end] = this.emphasis(character, at, from, to, depth);
        if (node) take(node, end);
        else at = end;
      } else if (character === "[" || (character === "!" && this.text[at + 1] === "[")) {
        const [node, end] = this.link(character === "!" ? at + 1 : at, to, depth);
        if (node) take(node, end);
        else at++;
      } else if (character === "h" && (at === from || !/\w/.test(this.text[at - 1]!))) {
        ADDRESS.lastIndex = at;
        const address = ADDRESS.exec(this.text)?.[0].slice(0, to - at);
        const href = address && safeAddress(address);
        if (href) take({ kind: "link", href, children: this.pieces("text", at, at + address.length) }, at + address.length);
        else at++;
      } else {
        at++;
      }
    }

    flush(to);
    return out;
  }

  private emphasis(mark: string, at: number, from: number, to: number, depth: number): [Inline | null, number] {
    const run = this.runOf(mark, at, to);
    const width = mark === "~" ? 2 : run >= 2 ? 2 : 1;
    const before = at > from ? this.text[at - 1]! : " ";
    const after = this.text[at + run] ?? " ";
    const opens = run <= 3 && run >= width && !/\s/.test(after) && !(mark === "_" && /\w/.test(before));
    if (opens) {
      // ***both*** is strong around emphasis.
      const close = run === 3 ? this.find(mark.repeat(3), at + 3, to, false) : this.find(mark.repeat(width), at + width, to, false);
      if (close > at + run && run === 3) return [{ kind: "strong", children: [{ kind: "emphasis", children: this.range(at + 3, close, depth + 2) }] }, close + 3];
      if (close > at + width && run !== 3) {
        const children = this.range(at + width, close, depth + 1);
        return [{ kind: mark === "~" ? "strike" : width === 2 ? "strong" : "emphasis", children }, close + width];
      }
    }

    return [null, at + run];
  }

  private link(at: number, to: number, depth: number): [Inline | null, number] {
    const close = this.find("](", at + 1, to, false);
    if (close < 0) return [null, at];
    const end = this.text.indexOf(")", close + 2);
    if (end < 0 || end >= to || depth >= MAXIMUM_DEPTH) return [null, at];
    const address = this.text.slice(close + 2, end).trim().split(/\s/, 1)[0]!;
    const children = this.range(at + 1, close, depth + 1);
    const href = safeAddress(address.replace(/^<|>$/g, ""));
    return [href ? { kind: "link", href, children } : { kind: "emphasis", children }, end + 1];
  }

  /** The next closing mark, or -1; a search that failed is not repeated further on. */
  private find(mark: string, from: number, to: number, verbatim: boolean): number {
    const key = `${mark}${to}`;
    if ((this.hopeless.get(key) ?? Infinity) <= from) return -1;
    for (let at = this.text.indexOf(mark, from); at >= 0 && at + mark.length <= to; at = this.text.indexOf(mark, at + 1)) {
      const single = !mark.startsWith("]");
      const partOfLonger = single && (this.text[at + mark.length] === mark[0] || this.text[at - 1] === mark[0]);
      if (verbatim ? !partOfLonger : this.closes(mark, at, partOfLonger)) return at;
      if (single) at += this.runOf(mark[0]!, at, to) - 1;
    }

    this.hopeless.set(key, Math.min(from, this.hopeless.get(key) ?? Infinity));
    return -1;
  }

  private closes(mark: string, at: number, partOfLonger: boolean): boolean {
    if (mark === "](") return this.text[at - 1] !== "\\";
    const before = this.text[at - 1]!;
    if (/\s/.test(before) || before === "\\") return false;
    if (mark.startsWith("_") && /\w/.test(this.text[at + mark.length] ?? " ")) return false;
    return !partOfLonger;
  }

  private runOf(mark: string, at: number, to: number): number {
    let end = at;
    while (end < to && this.text[end] === mark) end++;
    return end - at;
  }

  /** Text nodes for a range of the joined lines, one for each line that it touches. */
  private pieces(kind: "text" | "code", from: number, to: number): Inline[] {
    const out: Inline[] = [];
    let lineStart = 0;
    for (const line of this.lines) {
      const lineEnd = lineStart + line.text.length + 1; // with the line break
      const [a, b] = [Math.max(from, lineStart), Math.min(to, lineEnd)];
      if (a < b) out.push({ kind, text: this.text.slice(a, b), start: line.start + a - lineStart });
      if (lineEnd >= to) break;
      lineStart = lineEnd;
    }

    return out;
  }
}

/** Nothing that runs, and nothing that the page would fetch by itself. */
function safeAddress(address: string): string | null {
  try {
    const url = new URL(address);
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
