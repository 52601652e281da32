"use client";

import type { IncidentSummary } from "@/api/types";
import { Icon } from "@/design/Icon";
import { useNow } from "@/design/useNow";
import { useTranslation } from "@/i18n";
import { inWords, urgencyOf } from "./deadline";
import styles from "./Incidents.module.css";

/** How much time is left to inform the authority, in words; what is overdue says so and carries a sign. */
export function Deadline({ incident }: { incident: IncidentSummary }) {
  const { t, amount, time } = useTranslation();
  const now = useNow();
  const urgency = urgencyOf(incident, now);
  if (urgency === "done") {
    return <span className={styles.done}>{incident.authority_informed_at ? t("incidents.deadline.informed", { time: time(incident.authority_informed_at) }) : t("incidents.deadline.closed")}</span>;
  }

  const parts = inWords(Date.parse(incident.deadline) - now).map(([count, unit]) => amount(count, unit)).join(" ");
  return (
    <span className={`${styles.deadline} ${styles[urgency]}`} title={time(incident.deadline)}>
      {urgency !== "calm" && <Icon name={urgency === "overdue" ? "alert" : "clock"} size={14} />}
      {t(urgency === "overdue" ? "incidents.deadline.overdue" : "incidents.deadline.left", { time: parts })}
    </span>
  );
}
