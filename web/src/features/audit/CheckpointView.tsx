"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { getCheckpoint, getPublicKey } from "@/api/endpoints";
import { Problem } from "@/api/problem";
import { saveText } from "@/api/save";
import { Button } from "@/design/controls";
import { Icon } from "@/design/Icon";
import { ProblemCallout } from "@/design/ProblemCallout";
import { useTranslation } from "@/i18n";
import styles from "./CheckpointView.module.css";

/** The latest signed checkpoint: what outsiders hold against the log, and the key to check it with. */
export function CheckpointView() {
  const { t, number } = useTranslation();
  const checkpoint = useQuery({
    queryKey: ["audit", "checkpoint"],
    queryFn: async ({ signal }) => {
      const [note, { hex, parseCheckpoint }] = await Promise.all([getCheckpoint(signal), import("@/proof/proof")]);
      const { size, origin, root } = parseCheckpoint(note);
      return { note, size, host: origin.split("/")[0]!, root: hex(root) };
    },
  });
  const key = useMutation({ mutationFn: async () => saveText(await getPublicKey(), "lexcustis-checkpoint-key.pem", "application/x-pem-file") });
  const absent = checkpoint.error instanceof Problem && checkpoint.error.status === 404;
  const { data } = checkpoint;
  return (
    <section className={styles.checkpoint} aria-label={t("audit.checkpoint")}>
      <Icon name="shield" />
      {data && (
        <>
          <p>{t("audit.checkpoint.text", { size: number(data.size), origin: data.host })} <code title={data.root}>{data.root.slice(0, 12)}…</code></p>
          <Button small look="quiet" icon="download" onClick={() => saveText(data.note, `checkpoint-${data.size}.txt`)}>{t("audit.checkpoint.download")}</Button>
          <Button small look="quiet" icon="download" busy={key.isPending} onClick={() => key.mutate()}>{t("audit.checkpoint.key")}</Button>
        </>
      )}
      {checkpoint.isPending && <p>{t("app.loading")}</p>}
      {absent && <p>{t("audit.checkpoint.none")}</p>}
      {!absent && <ProblemCallout problem={checkpoint.error} />}
      <ProblemCallout problem={key.error} />
    </section>
  );
}
