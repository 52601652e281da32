"use client";

import { Badge, Callout } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import type { Turn } from "./conversation";
import styles from "./Assessment.module.css";

/** How sure the product is of an answer, and why. */
export function Assessment({ turn }: { turn: Turn }) {
  const { t, percent } = useTranslation();
  const { compliance, lowConfidence } = turn;
  if (!compliance || turn.answer === "") return null;
  const { confidence, grounding } = compliance;
  return (
    <>
      {lowConfidence && (
        <Callout tone="warn" live title={t("chat.lowConfidence")}>
          {t("chat.lowConfidence.text", { percent: percent(lowConfidence.confidence), threshold: percent(lowConfidence.threshold) })}
        </Callout>
      )}
      <details className={styles.assessment}>
        <summary>
          <Badge tone={lowConfidence ? "warn" : confidence.score >= 0.7 ? "good" : undefined}>{t("chat.confidence", { percent: percent(confidence.score) })}</Badge>
          <Badge>{t("chat.grounding", { percent: percent(grounding.score) })}</Badge>
          <span className={styles.why}>{t("chat.confidence.details")}</span>
        </summary>
        <ul>{confidence.reasons.map(reason => <li key={reason}>{reason}</li>)}</ul>
      </details>
    </>
  );
}
