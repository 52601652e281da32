import type { useTranslation } from "@/i18n";

type Translation = ReturnType<typeof useTranslation>;

/**
 * The server's words for a section of Annex IV, or for what it asks for, in the reader's language. They are found by their
 * place; a test holds the places against the server's own list.
 */
export function translated({ t, known, language }: Pick<Translation, "t" | "known" | "language">, key: string, served: string): string {
  return language !== "en" && known(key) ? t(key) : served;
}
