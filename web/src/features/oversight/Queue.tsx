"use client";

import { useEffect, useRef, type Ref } from "react";
import type { OversightTurn } from "@/api/types";
import { Spinner } from "@/design/controls";
import { Badge } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { flagName } from "@/i18n/events";
import { usePeople } from "@/session/usePeople";
import { StatusBadge } from "./StatusBadge";
import styles from "./Oversight.module.css";

/** The turns as a list that has the focus itself and says which of them is the active one. */
export function Queue({ ref, items, active, opened, loadingMore, onOpen }: {
  ref: Ref<HTMLDivElement>; items: readonly OversightTurn[]; active: number; opened: string | null; loadingMore: boolean; onOpen: (position: number, turn: string) => void;
}) {
  const words = useTranslation();
  const { t, number, percent, time } = words;
  const { nameOf } = usePeople();
  const current = useRef<HTMLDivElement>(null);
  useEffect(() => {
    current.current?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <>
      <p id="queue-keys" className="hidden-visually">{t("oversight.queue.keys")}</p>
      <div
        ref={ref} role="listbox" tabIndex={0} className={styles.queue} aria-label={t("oversight.queue")} aria-describedby="queue-keys"
        aria-activedescendant={items[active] && `turn-${items[active].sequence}`}
      >
        {items.map((turn, position) => (
          // The listbox around it has the focus and the keys (aria-activedescendant).
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
          <div
            key={turn.audit_log_id} ref={position === active ? current : undefined} id={`turn-${turn.sequence}`} role="option" aria-selected={position === active}
            className={`${styles.turn} ${turn.audit_log_id === opened ? styles.current : ""}`} onClick={() => onOpen(position, turn.audit_log_id)}
          >
            <span className={styles.line}>
              <strong>{t("audit.entry", { sequence: number(turn.sequence) })}</strong>
              <span className={styles.faint}>{time(turn.created_at)}</span>
            </span>
            <span className={styles.badges}>
              {turn.status !== "pending" && <StatusBadge status={turn.status} />}
              {turn.reasons.map(reason => <Badge key={reason} tone="warn">{flagName(words, reason)}</Badge>)}
            </span>
            <span className={styles.faint}>{nameOf(turn.user_id ?? null)}{turn.confidence != null && ` · ${t("chat.confidence", { percent: percent(turn.confidence) })}`}</span>
          </div>
        ))}
        {loadingMore && <div className={styles.loading}><Spinner /></div>}
      </div>
    </>
  );
}
