"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { getProof, getPublicKey, getReadiness, listAudit } from "@/api/endpoints";
import { saveText } from "@/api/save";
import { Button } from "@/design/controls";
import { Icon } from "@/design/Icon";
import { ProblemCallout } from "@/design/ProblemCallout";
import { Callout } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import styles from "./CheckpointView.module.css";

/** The latest signed checkpoint: what outsiders hold against the log, and the key to check it with. */
export function CheckpointView() {
  const { t, number } = useTranslation();
  const checkpoint = useQuery({
    queryKey: ["audit", "checkpoint"],
    // The proof of the newest entry ends with the latest checkpoint, and has one taken where that entry is in none yet.
    queryFn: async ({ signal }) => {
      const { dependencies: { checkpoints } } = await getReadiness(signal);
      if (checkpoints === undefined || checkpoints.status === "not_configured") return { note: null };
      const [newest] = (await listAudit({}, null, 1, signal)).items;
      if (newest === undefined) return { note: null };
      const [proof, { hex, noteOf, parseCheckpoint }] = await Promise.all([getProof(newest.id, signal), import("@/proof/proof")]);
      const note = noteOf(proof);
      const { size, origin, root } = parseCheckpoint(note);
      return { note, size, host: origin.split("/")[0]!, root: hex(root), trouble: checkpoints.status === "degraded" ? checkpoints.detail : undefined };
    },
  });
  const key = useMutation({ mutationFn: async () => saveText(await getPublicKey(), "lexcustis-checkpoint-key.pem", "application/x-pem-file") });
  const { data } = checkpoint;
  return (
    <section className={styles.checkpoint} aria-label={t("audit.checkpoint")}>
      <Icon name="shield" />
      {data?.note != null && (
        <>
          <p>{t("audit.checkpoint.text", { size: number(data.size), origin: data.host })} <code title={data.root}>{data.root.slice(0, 12)}…</code></p>
          <Button small look="quiet" icon="download" onClick={() => saveText(data.note, `checkpoint-${data.size}.txt`)}>{t("audit.checkpoint.download")}</Button>
          <Button small look="quiet" icon="download" busy={key.isPending} onClick={() => key.mutate()}>{t("audit.checkpoint.key")}</Button>
        </>
      )}
      {checkpoint.isPending && <p>{t("app.loading")}</p>}
      {data?.note === null && <p>{t("audit.checkpoint.none")}</p>}
      {data?.note != null && data.trouble && <Callout tone="warn">{data.trouble}</Callout>}
      <ProblemCallout problem={checkpoint.error ?? key.error} />
    </section>
  );
}
