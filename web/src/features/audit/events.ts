import type { AuditItem } from "@/api/types";
import type { Key } from "@/i18n";
import { en } from "@/i18n/en";

/** The events that have a name in words; a newer server may have others, which are shown by their own. */
export const eventTypes = (Object.keys(en) as Key[]).filter(key => key.startsWith("event.")).map(key => key.slice("event.".length));

export const flags = ["pii", "injection", "bias", "low_confidence"] as const;

export const eventName = (t: (key: Key) => string, type: string): string => `event.${type}` in en ? t(`event.${type}` as Key) : type;

export const flagName = (t: (key: Key) => string, flag: string): string => `audit.filter.flag.${flag}` in en ? t(`audit.filter.flag.${flag}` as Key) : flag;

export function flagsOf(item: Pick<AuditItem, "data">): string[] {
  const flags = item.data?.flags;
  return Array.isArray(flags) ? flags.filter(flag => typeof flag === "string") : [];
}
