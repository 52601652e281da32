import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { enPages } from "@/i18n/en-pages";

describe("the nine sections", () => {
  const source = new URL("../../src/Features/Dossier/SystemCard.cs", import.meta.url);

  it.runIf(existsSync(source))("are translated where the server has them", () => {
    const outline = /Outline =\s*\[([\s\S]*?)\n {4}\];/.exec(readFileSync(source, "utf8"))![1]!;
    const served: Record<string, string> = {};
    let [section, element] = [0, 0];
    for (const [, text, automated] of outline.matchAll(/\("((?:[^"\\]|\\.)*)",\s*(true|false)?/g)) {
      if (automated === undefined) served[`dossier.section.${++section}`] = text!;
      element = automated === undefined ? 0 : element + 1;
      if (element > 0) served[`dossier.element.${section}.${element}`] = text!;
    }

    expect(section).toBe(9);
    const ours = Object.fromEntries(Object.entries(enPages).filter(([key]) => /^dossier\.(section|element)\.\d/.test(key)));
    expect(ours).toEqual(served);
  });
});
