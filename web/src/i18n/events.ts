import type { AuditItem } from "@/api/types";
import type { useTranslation } from ".";

type Translation = ReturnType<typeof useTranslation>;

/** The events that have a name in words; a newer server may have others, which are shown by their own. */
export const eventTypes = [
  "organization.registered", "settings.changed", "user.invited", "user.changed", "user.removed", "session.started", "session.refused", "session.revoked",
  "api_key.created", "api_key.revoked", "chat.completed", "chat.refused", "document.uploaded", "document.indexed", "document.failed", "document.deleted",
  "oversight.approved", "oversight.overridden", "oversight.escalated", "oversight.dismissed", "assistant.suspended", "assistant.resumed",
  "incident.reported", "incident.changed", "incident.closed", "monitoring.alerted", "dossier.exported", "audit.content_read", "audit.verified", "audit.exported",
  "subject.erased", "content.expired", "legal_hold.set", "legal_hold.lifted",
] as const;

export const flags = ["pii", "injection", "bias", "low_confidence"] as const;

export const eventName = ({ t, known }: Pick<Translation, "t" | "known">, type: string): string => wordFor({ t, known }, `event.${type}`, type);

export const flagName = ({ t, known }: Pick<Translation, "t" | "known">, flag: string): string => wordFor({ t, known }, `audit.filter.flag.${flag}`, flag);

export function flagsOf(item: Pick<AuditItem, "data">): string[] {
  const found = item.data?.flags;
  return Array.isArray(found) ? found.filter(flag => typeof flag === "string") : [];
}

/** The word for something that the server named, or what it said where there is none. */
export function wordFor({ t, known }: Pick<Translation, "t" | "known">, key: string, otherwise: string): string {
  return known(key) ? t(key) : otherwise;
}
