import type { Passage } from "./types";

// An entry's facts and content are whatever was recorded when it was written, by any version or client: what is needed of
// them is looked for, and what is not as expected is not there.
export const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** A text within content that may be gone; empty where there is none. */
export const textIn = (content: unknown, member: string): string => {
  const value = isObject(content) ? content[member] : undefined;
  return typeof value === "string" ? value : "";
};

export const numberIn = (content: unknown, member: string): number | null => {
  const value = isObject(content) ? content[member] : undefined;
  return typeof value === "number" ? value : null;
};

/** The sources of a recorded turn. */
export function sourcesIn(content: unknown): Pick<Passage, "id" | "title" | "heading" | "text">[] {
  const found = isObject(content) ? content.sources : undefined;
  if (!Array.isArray(found)) return [];
  return found.filter(isObject).map((source, index) => ({
    id: textIn(source, "id") || String(index), title: textIn(source, "title"), heading: textIn(source, "heading"), text: textIn(source, "text"),
  }));
}
