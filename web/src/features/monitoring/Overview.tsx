"use client";

import { useQuery } from "@tanstack/react-query";
import { getUsage } from "@/api/endpoints";
import type { Monitoring } from "@/api/types";
import { useTranslation } from "@/i18n";
import { decisions, share, unfinished } from "./figures";
import styles from "./Monitoring.module.css";

/** The figures of the whole time in a row. */
export function Overview({ data }: { data: Monitoring }) {
  const { t, number, percent, time } = useTranslation();
  const usage = useQuery({ queryKey: ["usage"], queryFn: ({ signal }) => getUsage(signal) });
  const { totals } = data;
  const of = (part: number, whole: number) => {
    const value = share(part, whole);
    return value == null ? "–" : percent(value);
  };
  const refused = totals.refusals.budget + totals.refusals.rate_limit + totals.refusals.suspended;
  return (
    <dl className={styles.figures}>
      <Figure name={t("monitoring.turns")} value={number(totals.turns)} text={t("monitoring.turns.text", { unfinished: number(unfinished(totals)), refused: number(refused) })} />
      <Figure name={t("monitoring.flagged")} value={of(totals.flagged, totals.turns)} text={t("monitoring.of", { part: number(totals.flagged), whole: number(totals.turns) })} />
      <Figure name={t("monitoring.confidence")} value={totals.confidence.median == null ? "–" : percent(totals.confidence.median)} text={t("monitoring.median")} />
      <Figure name={t("monitoring.overridden")} value={of(totals.oversight.overridden, decisions(totals))} text={t("monitoring.of.decisions", { part: number(totals.oversight.overridden), whole: number(decisions(totals)) })} />
      <Figure name={t("monitoring.tokens")} value={number(totals.tokens.prompt + totals.tokens.completion)} text={t("monitoring.tokens.text", { prompt: number(totals.tokens.prompt), completion: number(totals.tokens.completion) })} />
      {/* Its place is kept while it is asked for, so that nothing moves. */}
      <Figure
        name={t("monitoring.today")} value={usage.data ? `${number(usage.data.used)} / ${number(usage.data.cap)}` : "–"}
        text={usage.data ? t(usage.data.used >= usage.data.cap ? "monitoring.today.full" : "monitoring.today.text", { time: time(usage.data.resets_at) }) : ""}
      />
    </dl>
  );
}

const Figure = ({ name, value, text }: { name: string; value: string; text: string }) => (
  <div><dt>{name}</dt><dd><strong>{value}</strong><span>{text}</span></dd></div>
);
