"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { exportAudit, verifyAudit } from "@/api/endpoints";
import { save } from "@/api/save";
import type { ChainFinding, VerificationReport } from "@/api/types";
import { Button } from "@/design/controls";
import { ProblemCallout } from "@/design/ProblemCallout";
import { Progress } from "@/design/Progress";
import { Callout, Row } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { wordFor } from "@/i18n/events";
import { ChainPicture } from "./ChainPicture";
import { CheckpointView } from "./CheckpointView";
import styles from "./Verification.module.css";

/** The page's head: what the log is, and the button that has it recomputed from the first entry to the last. */
export function Verification() {
  const { t, number, percent } = useTranslation();
  const queries = useQueryClient();
  const [progress, setProgress] = useState<{ rows: number; total: number } | null>(null);
  const verification = useMutation({
    mutationFn: () => verifyAudit((rows, total) => setProgress({ rows, total: Math.max(rows, total, 1) })),
    onMutate: () => setProgress(null),
    // That it was verified is an entry as well.
    onSuccess: () => queries.invalidateQueries({ queryKey: ["audit"] }),
  });
  const exporting = useMutation({
    mutationFn: async (format: "jsonl" | "csv") => save(await exportAudit(format), `audit.${format}`, () => undefined),
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
      {verification.isPending && (
        <Progress
          label={t("audit.progress")} value={progress?.rows} max={progress?.total}
          text={progress ? t("audit.progress.text", { rows: number(progress.rows), total: number(progress.total), percent: percent(progress.rows / progress.total) }) : t("audit.progress.begins")}
        />
      )}
      <ProblemCallout problem={verification.error ?? exporting.error} />
      {report && !verification.isPending && <Report report={report} />}
      <CheckpointView />
    </header>
  );
}

function Report({ report }: { report: VerificationReport }) {
  const { t, number } = useTranslation();
  const { checkpoints } = report;
  if (!report.valid) {
    return (
      <Callout tone="bad" live title={t("audit.invalid.title")}>
        <span>{t("audit.invalid.text", { rows: number(report.rows), count: number(report.findings.length) })}</span>
        <ul className={styles.findings}>{report.findings.map(finding => <li key={`${finding.verdict} ${finding.first_sequence}`}><Finding finding={finding} /></li>)}</ul>
      </Callout>
    );
  }

  return (
    <Callout tone="good" live title={t("audit.valid.title")}>
      <span>{t("audit.valid.text", { rows: number(report.rows), ms: number(Math.max(1, Math.round(report.duration_ms))), sequence: number(report.head.sequence) })}</span>
      {checkpoints && checkpoints.stored + checkpoints.anchored > 0 && (
        <span>{t("audit.valid.checkpoints", { stored: number(checkpoints.stored), anchored: number(checkpoints.anchored), size: number(checkpoints.latest_size) })}</span>
      )}
      {checkpoints && checkpoints.unverified > 0 && <span>{t("audit.valid.unverified", { count: number(checkpoints.unverified) })}</span>}
      <code className={styles.hash}>{report.head.entry_hash}</code>
    </Callout>
  );
}

function Finding({ finding }: { finding: ChainFinding }) {
  const words = useTranslation();
  const { t, number } = words;
  const where = finding.count === 1
    ? t("audit.finding.at", { sequence: number(finding.first_sequence) })
    : t("audit.finding.from", { count: number(finding.count), sequence: number(finding.first_sequence) });
  return <>{wordFor(words, `audit.finding.${finding.verdict}`, finding.verdict)} ({where})</>;
}
