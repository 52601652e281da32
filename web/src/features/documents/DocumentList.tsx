"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { deleteDocument } from "@/api/endpoints";
import { Problem } from "@/api/problem";
import type { DocumentItem } from "@/api/types";
import { Button, IconButton, Spinner } from "@/design/controls";
import { Icon } from "@/design/Icon";
import { ProblemCallout } from "@/design/ProblemCallout";
import { Progress } from "@/design/Progress";
import { Actions, Badge, Callout, Dialog } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { wordFor } from "@/i18n/events";
import { useUser } from "@/session/useSession";
import { formatName, progressOf } from "./formats";
import styles from "./Documents.module.css";

/** All documents, newest first, with how far each is and what is to be done about those that failed. */
export function DocumentList({ items, more }: { items: readonly DocumentItem[]; more: { busy: boolean; load: () => void } | null }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<DocumentItem | null>(null);
  const underway = items.filter(item => item.status === "queued" || item.status === "indexing").length;
  const deletion = useMutation({
    mutationFn: (document: DocumentItem) => deleteDocument(document.id),
    onSettled: (_, failure) => {
      // Someone else was quicker: it is gone all the same.
      if (!failure || (failure instanceof Problem && failure.status === 404)) setChosen(null);
      return queries.invalidateQueries({ queryKey: ["documents"] });
    },
  });
  return (
    <section className={styles.card} aria-label={t("documents.list")}>
      <p className="hidden-visually" role="status">{underway > 0 ? t("documents.underway", { count: underway }) : t("documents.allDone")}</p>
      <ul role="list" className={styles.list}>
        {items.map(document => <DocumentRow key={document.id} document={document} onDelete={() => setChosen(document)} />)}
      </ul>
      {more && <Button look="quiet" small busy={more.busy} onClick={more.load}>{t("app.more")}</Button>}
      <Dialog
        open={chosen !== null} title={t("documents.delete.title")} closeName={t("app.close")}
        onClose={() => {
          setChosen(null);
          deletion.reset();
        }}
      >
        <p>{t("documents.delete.text", { name: chosen?.name ?? "" })}</p>
        <ProblemCallout problem={deletion.error} />
        <Actions>
          <Button onClick={() => setChosen(null)}>{t("app.cancel")}</Button>
          <Button look="danger" busy={deletion.isPending} onClick={() => chosen && deletion.mutate(chosen)}>{t("documents.delete.confirm")}</Button>
        </Actions>
      </Dialog>
    </section>
  );
}

function DocumentRow({ document, onDelete }: { document: DocumentItem; onDelete: () => void }) {
  const { t, bytes, number, time } = useTranslation();
  const user = useUser();
  const mayDelete = user.user_role === "admin" || (user.user_role === "member" && document.uploaded_by === user.user_id);
  const facts = [
    formatName(document), bytes(document.size),
    document.pages != null && t("documents.pages", { count: number(document.pages) }),
    t("documents.uploaded", { name: document.uploaded_by === user.user_id ? t("documents.you") : document.uploaded_by_name || "–", time: time(document.uploaded_at) }),
  ].filter(Boolean);
  return (
    <li>
      <div className={styles.document}>
        <div className={styles.what}>
          <strong>{document.name}</strong>
          <span className={styles.faint}>{facts.join(" · ")}</span>
        </div>
        <Status document={document} />
        {mayDelete ? <IconButton name={t("documents.delete", { name: document.name })} icon="trash" small onClick={onDelete} /> : <span />}
      </div>
      {document.status === "failed" && <Failure document={document} />}
      {document.degraded && <Degraded trouble={document.degraded} />}
    </li>
  );
}

function Status({ document }: { document: DocumentItem }) {
  const { t, number, percent } = useTranslation();
  if (document.status === "ready") return <Badge tone="good" icon="check">{t("documents.status.ready")}</Badge>;
  if (document.status === "failed") return <Badge tone="bad" icon="alert">{t("documents.status.failed")}</Badge>;
  if (document.status === "queued") return <Badge icon="clock">{t("documents.status.queued")}</Badge>;
  const share = progressOf(document);
  return (
    <div className={styles.indexing}>
      <span className={styles.spinning}><Spinner />{share === null ? t("documents.status.reading") : t("documents.status.indexing", { percent: percent(share) })}</span>
      {share !== null && (
        <Progress label={t("documents.status.indexingOf", { name: document.name })} value={document.chunks_done} max={document.chunks_total ?? 1} text={t("documents.status.chunks", { done: number(document.chunks_done), total: number(document.chunks_total ?? 0) })} />
      )}
    </div>
  );
}

/** Ready, but found by its words alone for now: why. */
function Degraded({ trouble }: { trouble: NonNullable<DocumentItem["degraded"]> }) {
  const words = useTranslation();
  return <p className={styles.faint}><Icon name="info" size={12} /> {wordFor(words, `documents.byWords.${trouble.reason}`, trouble.message)}</p>;
}

/** Why, and what to do; in the reader's language where the server's reason has a name here. */
function Failure({ document }: { document: DocumentItem }) {
  const words = useTranslation();
  const reason = wordFor(words, `documents.reason.${document.reason_code}`, document.reason ?? "");
  return <Callout tone="bad" title={words.t("documents.failed")}><span>{reason}</span><span className={styles.faint}><Icon name="info" size={12} /> {words.t("documents.failed.again")}</span></Callout>;
}
