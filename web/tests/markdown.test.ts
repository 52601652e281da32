import { describe, expect, it } from "vitest";
import { GrowingMarkdown, parseMarkdown, type Block, type Inline, type Text } from "@/markdown/parse";

const textOf = (nodes: Inline[]): string => nodes.map(node => "text" in node ? node.text : node.kind === "break" ? "\n" : textOf(node.children)).join("");

function textsIn(value: unknown): Text[] {
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (value === null || typeof value !== "object") return [];
  if ("kind" in value && (value.kind === "text" || value.kind === "code")) return [value as Text];
  return Object.values(value).flatMap(textsIn);
}

const paragraph = (source: string): Inline[] => {
  const [block] = parseMarkdown(source);
  if (block?.kind !== "paragraph") throw new Error(`not a paragraph but ${block?.kind}`);
  return block.children;
};

const everything = `# Title with **bold**

A paragraph with *emphasis*, **strong _nested_**, \`code\`, ~~struck~~, a [link](https://example.org/a?b=c)
and a second line with https://example.org/x.

- one
- two with **bold**
  and more

  a second paragraph
- three
  1. inner
  2. inner two

> quoted
> - list in a quote

\`\`\`csharp
var x = "**not bold**";
\`\`\`

| Duty | Article |
| --- | :-: |
| Logs | **19** |
| Notice \\| sign | 50 |

---

Last \\*line\\*  
with a break.
`;

describe("parseMarkdown", () => {
  it("knows the blocks", () => {
    expect(parseMarkdown(everything).map(block => block.kind)).toEqual(["heading", "paragraph", "list", "quote", "codeblock", "table", "rule", "paragraph"]);
  });

  it("keeps the place of every piece of text", () => {
    const pieces = textsIn(parseMarkdown(everything));
    expect(pieces.length).toBeGreaterThan(25);
    for (const piece of pieces) expect(everything.slice(piece.start, piece.start + piece.text.length)).toBe(piece.text);
  });

  it("nests emphasis", () => {
    expect(paragraph("a **b *c* d** e")).toMatchObject([{ kind: "text" }, { kind: "strong", children: [{ text: "b " }, { kind: "emphasis" }, { text: " d" }] }, { text: " e" }]);
    expect(paragraph("***both***")).toMatchObject([{ kind: "strong", children: [{ kind: "emphasis" }] }]);
  });

  it("leaves marks that close nothing as they are", () => {
    for (const source of ["2 * 3 * 4", "snake_case_name", "**open", "`open", "a ** b", "[open](", "~one~"]) expect(textOf(paragraph(source))).toBe(source);
  });

  it("reads lists with their numbers and what belongs to an item", () => {
    const [list] = parseMarkdown("3. three\n4. four\n\n5. five\n\nafter");
    expect(list).toMatchObject({ kind: "list", ordered: true, first: 3 });
    expect(list?.kind === "list" && list.items).toHaveLength(3);
    expect(parseMarkdown("In 1998.\n1998. was a year").map(block => block.kind)).toEqual(["paragraph"]);
  });

  it("shows raw HTML as text and follows no address that runs", () => {
    expect(textOf(paragraph("<img src=x onerror=alert(1)> <b>x</b>"))).toBe("<img src=x onerror=alert(1)> <b>x</b>");
    for (const address of ["javascript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,x", "vbscript:x", "//evil.example", "/relative", "java\tscript:x"]) {
      expect(JSON.stringify(parseMarkdown(`[x](${address})`))).not.toContain("\"link\"");
    }
    expect(JSON.stringify(parseMarkdown("![image](https://example.org/p.png)"))).not.toContain("image\",\"src");
  });

  it("does not slow down on hostile text", () => {
    const started = performance.now();
    for (const piece of ["*", "_", "`", "[", "](", "**a", "> ", "- ", "~~", "|a", "\\", "* a\n  ", "***", "_a_"]) parseMarkdown(piece.repeat(20_000 / piece.length));
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});

describe("GrowingMarkdown", () => {
  it("ends with what parsing the whole gives, however the text came", () => {
    for (const step of [1, 3, 17, 400]) {
      const growing = new GrowingMarkdown();
      let blocks: Block[] = [];
      for (let end = step; end < everything.length + step; end += step) blocks = growing.update(everything.slice(0, end));
      expect(blocks).toEqual(parseMarkdown(everything));
    }
  });

  it("keeps the identity of blocks that another one follows", () => {
    const growing = new GrowingMarkdown();
    const [first] = growing.update("One.\n\nTwo.\n\nThree");
    const later = growing.update("One.\n\nTwo.\n\nThree goes on\n\nFour");
    expect(later[0]).toBe(first);
    expect(later).toHaveLength(4);
  });

  it("keeps the identity of a list's items while the list goes on", () => {
    const growing = new GrowingMarkdown();
    const listIn = (blocks: Block[]) => blocks[0]?.kind === "list" ? blocks[0].items : [];
    const before = listIn(growing.update("- one\n- two\n- three\n- fo"));
    const after = listIn(growing.update("- one\n- two\n- three\n- four\n\n- five"));
    expect(after).toHaveLength(5);
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
    expect(after[0]).toBe(before[0]);
    expect(after[1]).toBe(before[1]);
    expect(after[3]).not.toBe(before[3]);
  });

  it("follows a long answer token by token in time that grows with its length, not with its square", () => {
    const run = (tokens: number) => {
      const growing = new GrowingMarkdown();
      const started = performance.now();
      let text = "";
      for (let token = 0; token < tokens; token++) {
        text += token % 40 === 39 ? ".\n\n" : `token${token} `;
        growing.update(text);
      }

      return performance.now() - started;
    };
    run(500);
    const [short, long] = [run(1_000), run(8_000)];
    // Eight times the tokens; with quadratic work it were sixty-four.
    expect(long / Math.max(short, 1)).toBeLessThan(30);
  });
});
