"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { exportAudit, verifyAudit } from "@/api/endpoints";
import { save } from "@/api/save";
import type { ChainFinding } from "@/api/types";
import { Button } from "@/design/controls";
import { ProblemCallout } from "@/design/ProblemCallout";
import { Callout, Row } from "@/design/surfaces";
import { useTranslation, type Key } from "@/i18n";
import { en } from "@/i18n/en";
import { ChainPicture } from "./ChainPicture";
import styles from "./Verification.module.css";

/** The page's head: what the log is, and the button that has it recomputed from the first entry to the last. */
export function Verification() {
  const { t, number } = useTranslation();
  const queries = useQueryClient();
  const verification = useMutation({
    mutationFn: () => verifyAudit(),
    // That it was verified is an entry as well.
    onSuccess: () => queries.invalidateQueries({ queryKey: ["audit"] }),
  });
  const exporting = useMutation({
    mutationFn: async (format: "jsonl" | "csv") => save(await exportAudit(format), `audit.${format}`),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["audit"] }),
  });
  const report = verification.data;
  return (
    <header className={styles.head}>
      <div className={styles.line}>
        <div>
          <h1>{t("page.audit")}</h1>
          <p>{t("audit.text")}</p>
        </div>
        <Row>
          <Button icon="download" aria-label={t("audit.export.jsonl")} busy={exporting.isPending && exporting.variables === "jsonl"} onClick={() => exporting.mutate("jsonl")}>JSONL</Button>
          <Button icon="download" aria-label={t("audit.export.csv")} busy={exporting.isPending && exporting.variables === "csv"} onClick={() => exporting.mutate("csv")}>CSV</Button>
          <Button look="primary" icon="shield" busy={verification.isPending} onClick={() => verification.mutate()}>{t("audit.verify")}</Button>
        </Row>
      </div>
      <span className="hidden-visually" role="status">{verification.isPending ? t("audit.progress") : ""}</span>
      <ChainPicture report={report} verifying={verification.isPending} />
      <ProblemCallout problem={verification.error ?? exporting.error} />
      {report?.valid && (
        <Callout tone="good" live title={t("audit.valid.title")}>
          <span>{t("audit.valid.text", { rows: number(report.rows), ms: number(Math.max(1, Math.round(report.duration_ms))), sequence: number(report.head.sequence) })}</span>
          <code className={styles.hash}>{report.head.entry_hash}</code>
        </Callout>
      )}
      {report && !report.valid && (
        <Callout tone="bad" live title={t("audit.invalid.title")}>
          <span>{t("audit.invalid.text", { rows: number(report.rows), count: number(report.findings.length) })}</span>
          <ul className={styles.findings}>{report.findings.map(finding => <li key={finding.verdict}><Finding finding={finding} /></li>)}</ul>
        </Callout>
      )}
    </header>
  );
}

function Finding({ finding }: { finding: ChainFinding }) {
  const { t, number } = useTranslation();
  const key = `audit.finding.${finding.verdict}`;
  const where = finding.count === 1
    ? t("audit.finding.at", { sequence: number(finding.first_sequence) })
    : t("audit.finding.from", { count: number(finding.count), sequence: number(finding.first_sequence) });
  return <>{key in en ? t(key as Key) : finding.verdict} ({where})</>;
}
