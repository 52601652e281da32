import type { useTranslation } from "@/i18n";
import { enPages } from "@/i18n/en-pages";

type Translation = ReturnType<typeof useTranslation>;

/** The server's words for a section or for what it asks for, in the reader's language where they are the ones that are translated. */
export function translated({ t, known }: Pick<Translation, "t" | "known">, key: string, served: string): string {
  return known(key) && (enPages as Record<string, string>)[key] === served ? t(key) : served;
}
