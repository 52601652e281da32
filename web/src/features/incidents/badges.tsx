"use client";

import type { IncidentStatus, Severity } from "@/api/types";
import { Badge, type Tone } from "@/design/surfaces";
import { useTranslation } from "@/i18n";

const severityTones: Record<Severity, Tone | undefined> = { serious_incident: "bad", incident: "warn", near_miss: undefined };
const statusTones: Record<IncidentStatus, Tone | undefined> = { open: "note", reported: "good", closed: undefined };

export function SeverityBadge({ severity }: { severity: Severity }) {
  const { t } = useTranslation();
  return <Badge tone={severityTones[severity]}>{t(`incidents.severity.${severity}`)}</Badge>;
}

export function StatusBadge({ status }: { status: IncidentStatus }) {
  const { t } = useTranslation();
  return <Badge tone={statusTones[status]} icon={status === "open" ? undefined : "check"}>{t(`incidents.status.${status}`)}</Badge>;
}
