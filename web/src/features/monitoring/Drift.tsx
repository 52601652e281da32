"use client";

import Link from "next/link";
import type { DriftTest, Monitoring } from "@/api/types";
import { Section } from "@/design/Page";
import { Badge, Callout } from "@/design/surfaces";
import { Num, Table } from "@/design/Table";
import { useTranslation } from "@/i18n";
import { wordFor } from "@/i18n/events";
import { letterOf, pValue } from "./figures";
import styles from "./Monitoring.module.css";

/** Whether this time differs from the one before by more than chance explains: said in words first, then in the test's numbers. */
export function Drift({ data }: { data: Monitoring }) {
  const words = useTranslation();
  const { t, number, decimal, percent, day, language } = words;
  const { drift } = data;
  const kindName = (kind: string) => wordFor(words, `monitoring.kind.${kind}`, kind);
  const drifted = drift.tests.filter(test => test.result === "drift");
  return (
    <Section title={t("monitoring.drift")} text={t("monitoring.drift.text", { from: day(data.from), to: day(data.to), before: day(drift.previous_from), until: day(drift.previous_to) })}>
      {drifted.length > 0 && (
        <Callout tone="warn" title={t("monitoring.drift.found")}>
          <ul className={styles.sentences}>{drifted.map(test => <li key={test.kind}>{sentence(words, test, kindName(test.kind))}</li>)}</ul>
        </Callout>
      )}
      <Table
        label={t("monitoring.drift")}
        columns={[{ name: t("monitoring.drift.what") }, { name: t("monitoring.drift.before"), numeric: true }, { name: t("monitoring.drift.now"), numeric: true }, { name: t("monitoring.drift.result") }, { name: t("monitoring.drift.statistic"), numeric: true }, { name: t("monitoring.drift.p"), numeric: true }]}
      >
        {drift.tests.map(test => (
          <tr key={test.kind}>
            <th scope="row">{kindName(test.kind)}</th>
            <Num>{test.previous == null ? "–" : percent(test.previous)}</Num>
            <Num>{test.current == null ? "–" : percent(test.current)}</Num>
            <td>
              {test.result === "drift" ? <Badge tone="warn" icon="alert">{t("monitoring.drift.drift")}</Badge>
                : test.result === "no_drift" ? t("monitoring.drift.no_drift")
                : t("monitoring.drift.too_few_turns", { turns: number(test.turns), previous: number(test.previous_turns) })}
            </td>
            <Num>{test.value == null ? "–" : `${letterOf(test.statistic)} = ${decimal(test.value)}`}</Num>
            <Num>{test.p_value == null ? "–" : pValue(test.p_value, language)}</Num>
          </tr>
        ))}
      </Table>
      <p className={styles.faint}>{t("monitoring.drift.threshold", { threshold: pValue(drift.threshold, language), count: number(drift.tests.length) })}</p>
      <h3>{t("monitoring.alerts")}</h3>
      {data.alerts.length === 0 ? <p className={styles.faint}>{t("monitoring.alerts.none")}</p> : (
        <ul role="list" className={styles.alerts}>
          {data.alerts.map(alert => (
            <li key={alert.id}>
              <span>{day(alert.day)}: {t("monitoring.alert", { what: kindName(alert.kind), previous: percent(alert.previous), current: percent(alert.current) })}</span>
              <span className={styles.faint}>{letterOf(alert.statistic)} = {decimal(alert.value)}, p = {pValue(alert.p_value, language)}</span>
              <Link href={`/audit?entry=${alert.id}`} prefetch={false}>{t("incidents.entry", { sequence: number(alert.sequence) })}</Link>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function sentence({ t, percent, language }: ReturnType<typeof useTranslation>, test: DriftTest, what: string): string {
  if (test.current == null || test.previous == null || test.p_value == null) return what;
  return t(test.current >= test.previous ? "monitoring.drift.rose" : "monitoring.drift.fell", { what, previous: percent(test.previous), current: percent(test.current), p: pValue(test.p_value, language) });
}
