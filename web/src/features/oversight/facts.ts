import { isObject } from "@/api/unknown";
import { wordFor } from "@/i18n/events";
import type { useTranslation } from "@/i18n";

type Words = Pick<ReturnType<typeof useTranslation>, "t" | "known" | "number">;

/** What the checks found, as the log has it: kinds of personal data with their counts, kinds of injection and of bias. */
export function findingsOf(words: Words, data: Record<string, unknown> | null | undefined): { name: string; text: string }[] {
  const name = (kind: string) => wordFor(words, `finding.${kind}`, kind.replaceAll("_", " "));
  return (["pii", "injection", "bias"] as const).flatMap(flag => {
    const found = data?.[flag];
    const kinds = Array.isArray(found) ? found.filter(kind => typeof kind === "string").map(name)
      : isObject(found) ? Object.entries(found).map(([kind, count]) => Number(count) > 1 ? `${name(kind)} (${words.number(Number(count))})` : name(kind))
      : [];
    return kinds.length === 0 ? [] : [{ name: words.t(`audit.filter.flag.${flag}`), text: kinds.join(", ") }];
  });
}
