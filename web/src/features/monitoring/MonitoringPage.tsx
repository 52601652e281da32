"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { useState } from "react";
import { getMonitoring } from "@/api/endpoints";
import { Button, FilterInput, FilterSelect, Spinner } from "@/design/controls";
import { Page } from "@/design/Page";
import { fieldErrors, isFieldProblem, ProblemCallout } from "@/design/ProblemCallout";
import { Callout, Empty } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { Drift } from "./Drift";
import { daysBack } from "./figures";
import { Overview } from "./Overview";
import { Providers } from "./Providers";
import styles from "./Monitoring.module.css";

// Charts are drawn here alone: nobody else waits for them.
const Charts = dynamic(() => import("./Charts").then(({ Charts }) => Charts), { ssr: false, loading: () => <div className={styles.loading}><Spinner /></div> });

const spans = [7, 30, 90, 365] as const;

/** Post-market monitoring, Art. 72: how the assistant did, by day, and whether it does otherwise than before. */
export function MonitoringPage() {
  const { t, amount, number } = useTranslation();
  const [span, setSpan] = useState<number | "own">(30);
  const [range, setRange] = useState(() => daysBack(30));
  const monitoring = useQuery({
    queryKey: ["monitoring", range.from, range.to],
    queryFn: ({ signal }) => getMonitoring(range.from, range.to, signal),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  const { data } = monitoring;
  return (
    <Page
      title={t("page.monitoring")} text={t("monitoring.text")}
      actions={(
        <div className={styles.range} role="search">
          <FilterSelect
            label={t("monitoring.span")} value={span}
            onChange={({ target: { value } }) => {
              setSpan(value === "own" ? "own" : Number(value));
              if (value !== "own") setRange(daysBack(Number(value)));
            }}
          >
            {spans.map(days => <option key={days} value={days}>{t("monitoring.span.last", { time: amount(days, "day") })}</option>)}
            <option value="own">{t("monitoring.span.own")}</option>
          </FilterSelect>
          {span === "own" && (
            <>
              <FilterInput label={t("monitoring.from")} type="date" value={range.from} max={range.to} onChange={event => event.target.value && setRange({ ...range, from: event.target.value })} />
              <FilterInput label={t("monitoring.to")} type="date" value={range.to} min={range.from} onChange={event => event.target.value && setRange({ ...range, to: event.target.value })} />
            </>
          )}
        </div>
      )}
    >
      {isFieldProblem(monitoring.error, ["from", "to"])
        ? <Callout tone="bad" live>{[...fieldErrors(monitoring.error, "from"), ...fieldErrors(monitoring.error, "to")].join(" ")}</Callout>
        : <ProblemCallout problem={monitoring.error} actions={<Button small icon="refresh" onClick={() => void monitoring.refetch()}>{t("app.retry")}</Button>} />}
      {monitoring.isPending && <div className={styles.loading}><Spinner /></div>}
      {data && (
        <div className={styles.body} aria-busy={monitoring.isPlaceholderData}>
          {data.totals.unreadable > 0 && <Callout tone="bad" title={t("monitoring.unreadable", { count: number(data.totals.unreadable) })}>{t("monitoring.unreadable.text")}</Callout>}
          <Overview data={data} />
          {data.totals.turns === 0 ? <Empty title={t("monitoring.empty")}><p>{t("monitoring.empty.text")}</p></Empty> : <Charts data={data} />}
          <Drift data={data} />
          <Providers data={data} />
        </div>
      )}
    </Page>
  );
}
