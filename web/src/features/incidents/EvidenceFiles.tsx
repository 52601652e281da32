"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { addEvidence, openEvidence } from "@/api/endpoints";
import { Problem } from "@/api/problem";
import { save } from "@/api/save";
import type { Evidence, Incident } from "@/api/types";
import { Button, IconButton } from "@/design/controls";
import { CopyButton } from "@/design/CopyButton";
import { Section } from "@/design/Page";
import { fieldErrors, isFieldProblem, ProblemCallout } from "@/design/ProblemCallout";
import { Progress } from "@/design/Progress";
import { Callout } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { usePeople } from "@/session/usePeople";
import { useUser } from "@/session/useSession";
import styles from "./Incidents.module.css";

const MAXIMUM_BYTES = 10 * 1024 * 1024;

/** Files that show what happened. Each is kept with its hash, which is in the log. */
export function EvidenceFiles({ incident }: { incident: Incident }) {
  const { t, bytes, time } = useTranslation();
  const { nameOf } = usePeople();
  const user = useUser();
  const queries = useQueryClient();
  const field = useRef<HTMLInputElement>(null);
  const [sent, setSent] = useState(0);
  const [tooLarge, setTooLarge] = useState<string | null>(null);
  const upload = useMutation({
    mutationFn: (file: File) => addEvidence(incident.id, file, setSent),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["incident", incident.id] }),
  });
  const download = useMutation({ mutationFn: async (evidence: Evidence) => save(await openEvidence(incident.id, evidence.id), evidence.name, () => undefined) });
  const mayAdd = user.user_role !== "auditor" && incident.status !== "closed";
  const choose = (file: File | undefined) => {
    if (!file) return;
    setSent(0);
    setTooLarge(file.size > MAXIMUM_BYTES ? file.name : null);
    if (file.size <= MAXIMUM_BYTES) upload.mutate(file);
    else upload.reset();
  };
  const stopped = upload.error instanceof Problem ? upload.error : upload.error ? null : upload.error;
  return (
    <Section
      title={t("incidents.evidence")} text={t("incidents.evidence.text")}
      actions={mayAdd && (
        <>
          <input
            ref={field} type="file" hidden aria-label={t("incidents.evidence.add")}
            onChange={event => {
              choose(event.target.files?.[0]);
              event.target.value = "";
            }}
          />
          <Button icon="upload" small busy={upload.isPending} onClick={() => field.current?.click()}>{t("incidents.evidence.add")}</Button>
        </>
      )}
    >
      {upload.isPending && <Progress label={t("incidents.evidence.sending", { name: upload.variables.name })} value={sent} max={Math.max(1, upload.variables.size)} text={t("incidents.evidence.sending", { name: upload.variables.name })} />}
      {tooLarge !== null && <Callout tone="bad" live>{t("incidents.evidence.tooLarge", { name: tooLarge, limit: bytes(MAXIMUM_BYTES) })}</Callout>}
      {isFieldProblem(upload.error, ["file"]) ? <Callout tone="bad" live>{fieldErrors(upload.error, "file").join(" ")}</Callout> : <ProblemCallout problem={stopped ?? download.error} />}
      {incident.evidence.length === 0 ? <p className={styles.faint}>{t("incidents.evidence.none")}</p> : (
        <ul role="list" className={styles.files}>
          {incident.evidence.map(evidence => (
            <li key={evidence.id}>
              <div>
                <strong>{evidence.name}</strong>
                <span className={styles.faint}>{bytes(evidence.size)} · {nameOf(evidence.added_by)}, {time(evidence.added_at)}</span>
                <span className={styles.hash}><code title={evidence.sha256}>SHA-256 {evidence.sha256.slice(0, 16)}…</code><CopyButton name={`${t("app.copy")}: SHA-256, ${evidence.name}`} text={evidence.sha256} /></span>
              </div>
              <IconButton name={t("incidents.evidence.download", { name: evidence.name })} icon="download" onClick={() => !download.isPending && download.mutate(evidence)} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
