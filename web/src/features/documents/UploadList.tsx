"use client";

import { Button, IconButton } from "@/design/controls";
import { Icon } from "@/design/Icon";
import { ProblemCallout, fieldErrors, isFieldProblem } from "@/design/ProblemCallout";
import { Progress } from "@/design/Progress";
import { Callout } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { mayRetry, type Upload } from "./uploads";
import styles from "./Documents.module.css";

/** What is being sent, what has arrived, and what was refused. */
export function UploadList({ uploads, onDismiss, onRetry }: { uploads: readonly Upload[]; onDismiss: (key: number) => void; onRetry: (key: number) => void }) {
  const { t } = useTranslation();
  const arrived = uploads.filter(upload => upload.state === "stored" || upload.state === "known").length;
  return (
    <section className={styles.uploads} aria-label={t("documents.uploads")}>
      <p className="hidden-visually" role="status">{t("documents.uploads.done", { done: arrived, total: uploads.length })}</p>
      <ul role="list">
        {uploads.map(upload => <UploadRow key={upload.key} upload={upload} onDismiss={() => onDismiss(upload.key)} onRetry={() => onRetry(upload.key)} />)}
      </ul>
    </section>
  );
}

function UploadRow({ upload, onDismiss, onRetry }: { upload: Upload; onDismiss: () => void; onRetry: () => void }) {
  const { t, bytes } = useTranslation();
  const arrived = upload.state === "stored" || upload.state === "known";
  const again = mayRetry(upload.problem) && <Button small icon="refresh" onClick={onRetry}>{t("app.retry")}</Button>;
  return (
    <li>
      <div className={styles.upload}>
        <span className={arrived ? styles.arrived : upload.state === "failed" ? styles.refused : styles.file}><Icon name={arrived ? "check" : upload.state === "failed" ? "alert" : "upload"} /></span>
        <span className={styles.name}>{upload.name}</span>
        <span className={styles.faint}>
          {upload.state === "waiting" ? t("documents.upload.waiting") : upload.state === "sending" ? t("documents.upload.sent", { sent: bytes(upload.sent), total: bytes(upload.size) })
            : upload.state === "stored" ? t("documents.upload.stored") : upload.state === "known" ? t("documents.upload.known", { name: upload.document?.name ?? upload.name }) : t("documents.upload.failed")}
        </span>
        <IconButton name={t(arrived || upload.state === "failed" ? "documents.upload.dismiss" : "documents.upload.stop", { name: upload.name })} icon="close" small onClick={onDismiss} />
      </div>
      {upload.state === "sending" && <Progress label={upload.name} value={upload.sent} max={Math.max(1, upload.size)} />}
      {upload.state === "failed" && (isFieldProblem(upload.problem, ["file"])
        ? <Callout tone="bad" live actions={again}>{fieldErrors(upload.problem, "file").join(" ")}</Callout>
        : <ProblemCallout problem={upload.problem} actions={again} />)}
    </li>
  );
}
