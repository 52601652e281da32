"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { openDossier } from "@/api/endpoints";
import { save } from "@/api/save";
import { Button, Checkbox, TextArea, TextField } from "@/design/controls";
import { Section } from "@/design/Page";
import { fieldErrors, isFieldProblem, ProblemCallout } from "@/design/ProblemCallout";
import { Progress } from "@/design/Progress";
import { Callout } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { nextDay } from "./days";
import styles from "./Dossier.module.css";

const fields = ["from", "to", "content", "reason"];

/** Has a dossier made and takes it as it comes. Its size is known only at its end, so progress is what has arrived. */
export function Download() {
  const { t, bytes } = useTranslation();
  const queries = useQueryClient();
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [withContent, setWithContent] = useState(false);
  const [reason, setReason] = useState("");
  const [received, setReceived] = useState(0);
  const running = useRef<AbortController | null>(null);
  const download = useMutation({
    mutationFn: async () => {
      const abort = running.current = new AbortController();
      setReceived(0);
      try {
        await save(await openDossier({
          from: from || undefined, to: to ? nextDay(to) : undefined, content: withContent ? "included" : "omitted", reason: withContent ? reason.trim() : undefined,
        }, abort.signal), "dossier.zip", setReceived);
        return true;
      } catch (failure) {
        if (abort.signal.aborted) return false;
        throw failure;
      }
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["audit"] }),
  });
  return (
    <Section title={t("dossier.make")} text={t("dossier.make.text")}>
      <form
        className={styles.form} noValidate
        onSubmit={event => {
          event.preventDefault();
          if (!download.isPending) download.mutate();
        }}
      >
        <div className={styles.pair}>
          <TextField label={t("dossier.from")} hint={t("dossier.from.hint")} type="date" max={to || undefined} value={from} errors={fieldErrors(download.error, "from")} onChange={event => setFrom(event.target.value)} />
          <TextField label={t("dossier.to")} hint={t("dossier.to.hint")} type="date" min={from || undefined} value={to} errors={fieldErrors(download.error, "to")} onChange={event => setTo(event.target.value)} />
        </div>
        <Checkbox label={t("dossier.content")} hint={t("dossier.content.hint")} checked={withContent} onChange={event => setWithContent(event.target.checked)} />
        {withContent && (
          <TextArea
            label={t("dossier.reason")} hint={t("dossier.reason.hint")} rows={2} maxLength={1_000} required value={reason}
            errors={[...fieldErrors(download.error, "reason"), ...fieldErrors(download.error, "content")]} onChange={event => setReason(event.target.value)}
          />
        )}
        {!isFieldProblem(download.error, fields) && <ProblemCallout problem={download.error} />}
        {download.isPending && <Progress label={t("dossier.progress")} text={received === 0 ? t("dossier.progress.begins") : t("dossier.progress.text", { size: bytes(received) })} />}
        {download.data === true && <Callout tone="good" live title={t("dossier.done")}>{t("dossier.done.text", { size: bytes(received) })}</Callout>}
        {download.data === false && <Callout tone="note" live>{t("dossier.stopped")}</Callout>}
        <div className={styles.buttons}>
          <Button type="submit" look="primary" icon="download" busy={download.isPending}>{t("dossier.download")}</Button>
          {download.isPending && <Button onClick={() => running.current?.abort()}>{t("dossier.stop")}</Button>}
        </div>
      </form>
    </Section>
  );
}
