"use client";

import type { Monitoring } from "@/api/types";
import { Section } from "@/design/Page";
import { Num, Table } from "@/design/Table";
import { useTranslation } from "@/i18n";
import styles from "./Monitoring.module.css";
import { share } from "./figures";

/** The same figures for each model that answered. */
export function Providers({ data }: { data: Monitoring }) {
  const { t, number, decimal, percent } = useTranslation();
  return (
    <Section title={t("monitoring.models")}>
      {data.providers.length === 0 ? <p className={styles.faint}>{t("monitoring.none")}</p> : (
        <Table
          label={t("monitoring.models")}
          columns={[{ name: t("settings.model") }, { name: t("settings.provider") }, { name: t("monitoring.turns"), numeric: true }, { name: t("monitoring.flagged"), numeric: true }, { name: t("monitoring.confidence"), numeric: true }, { name: t("monitoring.chart.total"), numeric: true }, { name: t("monitoring.tokens"), numeric: true }]}
        >
          {data.providers.map(({ provider, model, figures }) => {
            const flagged = share(figures.flagged, figures.turns);
            return (
              <tr key={`${provider} ${model}`}>
                <th scope="row">{model}</th>
                <td>{provider}</td>
                <Num>{number(figures.turns)}</Num>
                <Num>{flagged === null ? "–" : percent(flagged)}</Num>
                <Num>{figures.confidence.median == null ? "–" : percent(figures.confidence.median)}</Num>
                <Num>{figures.latency.total.p50_ms == null ? "–" : `${decimal(figures.latency.total.p50_ms / 1_000)} s`}</Num>
                <Num>{number(figures.tokens.prompt + figures.tokens.completion)}</Num>
              </tr>
            );
          })}
        </Table>
      )}
    </Section>
  );
}
