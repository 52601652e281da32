import type { OversightTurn } from "@/api/types";
import { Badge, type Tone } from "@/design/surfaces";
import { useTranslation } from "@/i18n";

const tones: Record<OversightTurn["status"], Tone | undefined> = { pending: "note", approved: "good", overridden: "warn", escalated: "bad", dismissed: undefined };

export function StatusBadge({ status }: { status: OversightTurn["status"] }) {
  const { t } = useTranslation();
  return <Badge tone={tones[status]}>{t(`oversight.status.${status}`)}</Badge>;
}
