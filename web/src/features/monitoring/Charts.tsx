"use client";

import { useQuery } from "@tanstack/react-query";
import { getOrganization } from "@/api/endpoints";
import type { Figures, Monitoring, Spread } from "@/api/types";
import { ChartFigure } from "@/design/charts/ChartFigure";
import { DayChart } from "@/design/charts/DayChart";
import { Histogram } from "@/design/charts/Histogram";
import { useTranslation } from "@/i18n";
import { flagName, flags, wordFor } from "@/i18n/events";
import { decisions, outcomesOf, unfinished } from "./figures";
import styles from "./Monitoring.module.css";

/** All charts of the page. */
export function Charts({ data }: { data: Monitoring }) {
  const words = useTranslation();
  const { t, number, day } = words;
  const organization = useQuery({ queryKey: ["organization"], queryFn: ({ signal }) => getOrganization(signal) });
  const days = data.days.map(one => one.day);
  const figures = data.days.map(one => one.figures);
  const values = (pick: (figures: Figures) => number) => figures.map(pick);
  const span = t("monitoring.from.to", { from: day(data.from), to: day(data.to) });
  const said = (title: string, text: string) => `${title}, ${span}. ${text}`;

  const turns = values(one => one.turns);
  const most = Math.max(...turns);
  const turnsText = t("monitoring.chart.turns.text", { most: number(most), day: day(days[turns.indexOf(most)]!) });
  const outcomes = outcomesOf(figures);
  const cap = organization.data?.effective.daily_chat_cap;
  const flagTop = Math.max(...figures.flatMap(one => Object.values(one.flags)));
  const decided = values(decisions).reduce((sum, count) => sum + count, 0);
  return (
    <>
      <section className={styles.card}>
        <ChartFigure
          title={t("monitoring.chart.turns")} text={turnsText}
          table={{ columns: [t("monitoring.day"), ...outcomes.map(name => wordFor(words, `monitoring.outcome.${name}`, name))], rows: data.days.map(one => [day(one.day), ...outcomes.map(name => number(one.figures.outcomes[name] ?? 0))]) }}
        >
          <DayChart
            label={said(t("monitoring.chart.turns"), turnsText)} days={days} whole format={number}
            series={[
              { name: t("monitoring.outcome.completed"), kind: "bar", values: values(one => one.outcomes.completed ?? 0) },
              { name: t("monitoring.outcome.stopped"), kind: "bar", values: values(one => one.outcomes.stopped ?? 0) },
              { name: t("monitoring.outcome.unfinished"), kind: "bar", values: values(unfinished) },
            ]}
            limit={cap === undefined ? undefined : { name: t("monitoring.cap"), value: cap }}
          />
        </ChartFigure>
      </section>

      <section className={styles.card}>
        <ChartFigure
          title={t("monitoring.chart.flags")} text={t("monitoring.chart.flags.text", { flagged: number(data.totals.flagged), turns: number(data.totals.turns) })}
          table={{ columns: [t("monitoring.day"), ...flags.map(flag => flagName(words, flag))], rows: data.days.map(one => [day(one.day), ...flags.map(flag => number(one.figures.flags[flag]))]) }}
        >
          <div className={styles.multiples}>
            {flags.map(flag => (
              <div key={flag}>
                <h3>{flagName(words, flag)}<span>{number(data.totals.flags[flag])}</span></h3>
                <DayChart
                  label={said(flagName(words, flag), number(data.totals.flags[flag]))} days={days} whole format={number} height={108} top={flagTop} legend={false}
                  series={[{ name: flagName(words, flag), kind: "bar", values: values(one => one.flags[flag]) }]}
                />
              </div>
            ))}
          </div>
        </ChartFigure>
      </section>

      <div className={styles.pair}>
        <Distribution title={t("monitoring.chart.confidence")} spread={data.totals.confidence} threshold={organization.data?.low_confidence_threshold} said={said} />
        <Distribution title={t("monitoring.chart.grounding")} spread={data.totals.grounding} said={said} />
      </div>

      <div className={styles.pair}>
        <Latency title={t("monitoring.chart.firstToken")} data={data} pick={one => one.latency.first_token} said={said} />
        <Latency title={t("monitoring.chart.total")} data={data} pick={one => one.latency.total} said={said} />
      </div>

      <section className={styles.card}>
        <ChartFigure
          title={t("monitoring.chart.decisions")} text={t("monitoring.chart.decisions.text", { decided: number(decided), overridden: number(data.totals.oversight.overridden) })}
          table={{
            columns: [t("monitoring.day"), ...decisionKinds.map(kind => t(`event.oversight.${kind}`))],
            rows: data.days.map(one => [day(one.day), ...decisionKinds.map(kind => number(one.figures.oversight[kind]))]),
          }}
        >
          <DayChart
            label={said(t("monitoring.chart.decisions"), number(decided))} days={days} whole format={number} height={150}
            series={decisionKinds.map(kind => ({ name: t(`event.oversight.${kind}`), kind: "bar", values: values(one => one.oversight[kind]) }))}
          />
        </ChartFigure>
      </section>
    </>
  );
}

const decisionKinds = ["approved", "overridden", "escalated", "dismissed"] as const;

function Distribution({ title, spread, threshold, said }: { title: string; spread: Spread; threshold?: number; said: (title: string, text: string) => string }) {
  const { t, number, percent } = useTranslation();
  const text = spread.median == null ? t("monitoring.none") : t("monitoring.chart.distribution.text", { count: number(spread.count), median: percent(spread.median) });
  return (
    <section className={styles.card}>
      <ChartFigure
        title={title} text={text}
        table={{ columns: [t("monitoring.share"), t("monitoring.turns")], rows: spread.histogram.map((count, index) => [`${percent(index / 10)} – ${percent((index + 1) / 10)}`, number(count)]) }}
      >
        <Histogram label={said(title, text)} bins={spread.histogram} format={number} percent={percent} threshold={threshold === undefined ? undefined : { value: threshold, name: t("settings.threshold") }} />
      </ChartFigure>
    </section>
  );
}

function Latency({ title, data, pick, said }: { title: string; data: Monitoring; pick: (figures: Figures) => Figures["latency"]["total"]; said: (title: string, text: string) => string }) {
  const { t, number, decimal, day } = useTranslation();
  const total = pick(data.totals);
  const seconds = (value: number | null | undefined) => value == null ? null : value / 1_000;
  const text = total.p50_ms == null || total.p95_ms == null ? t("monitoring.none") : t("monitoring.chart.latency.text", { p50: decimal(total.p50_ms / 1_000), p95: decimal(total.p95_ms / 1_000) });
  return (
    <section className={styles.card}>
      <ChartFigure
        title={title} text={text}
        table={{
          columns: [t("monitoring.day"), t("monitoring.p50"), t("monitoring.p95"), t("monitoring.turns")],
          rows: data.days.map(({ day: name, figures }) => {
            const { p50_ms, p95_ms, count } = pick(figures);
            return [day(name), p50_ms == null ? null : decimal(p50_ms / 1_000), p95_ms == null ? null : decimal(p95_ms / 1_000), number(count)];
          }),
        }}
      >
        <DayChart
          label={said(title, text)} days={data.days.map(one => one.day)} format={value => `${decimal(value)} s`}
          series={[
            { name: t("monitoring.p50"), kind: "line", values: data.days.map(one => seconds(pick(one.figures).p50_ms)) },
            { name: t("monitoring.p95"), kind: "line", values: data.days.map(one => seconds(pick(one.figures).p95_ms)) },
          ]}
        />
      </ChartFigure>
    </section>
  );
}
