import type { DocumentItem } from "@/api/types";

/** Endings that the server reads; the browser's own chooser shows these first. */
export const formats = [".pdf", ".docx", ".md", ".markdown", ".txt", ".html", ".htm"] as const;

const names: Record<string, string> = {
  "text/plain": "TXT",
  "text/markdown": "MD",
  "text/html": "HTML",
  "application/pdf": "PDF",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "DOCX",
};

export const formatName = (document: Pick<DocumentItem, "media_type">): string => names[document.media_type] ?? document.media_type;

/** How much of it can be searched, from 0 to 1; null while that cannot be told. */
export function progressOf({ chunks_done, chunks_total }: Pick<DocumentItem, "chunks_done" | "chunks_total">): number | null {
  return chunks_total == null || chunks_total === 0 ? null : Math.min(1, chunks_done / chunks_total);
}
