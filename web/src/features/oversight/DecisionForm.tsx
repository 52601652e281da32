"use client";

import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { decideTurn } from "@/api/endpoints";
import { Problem } from "@/api/problem";
import type { OversightDetail } from "@/api/types";
import { Button, TextArea } from "@/design/controls";
import { fieldErrors, isFieldProblem, ProblemCallout } from "@/design/ProblemCallout";
import { Actions } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { decisions, type Decision } from "./keys";
import styles from "./Oversight.module.css";

const fields = ["decision", "note", "corrected_answer"];

/** Four choices, a note, and for one of them what the answer should have been. A key chooses; recording takes a second act. */
export function DecisionForm({ turn, asked, answer, onDecided, onConflict, onCancel }: {
  turn: OversightDetail; asked: { decision: Decision } | null; answer: string; onDecided: (sequence: number) => void; onConflict: () => void; onCancel: (() => void) | null;
}) {
  const { t } = useTranslation();
  const [decision, setDecision] = useState<Decision | null>(asked?.decision ?? null);
  const [note, setNote] = useState("");
  const [corrected, setCorrected] = useState(answer);
  const form = useRef<HTMLFormElement>(null);
  const record = useMutation({
    mutationFn: (chosen: Decision) => decideTurn(turn.audit_log_id, {
      decision: chosen, note: note.trim() === "" ? null : note, corrected_answer: chosen === "overridden" ? corrected : null, replaces: turn.decision?.id ?? null,
    }),
    onSuccess: decided => onDecided(decided.receipt.sequence),
  });
  useEffect(() => {
    if (!asked) return;
    setDecision(asked.decision);
    form.current?.scrollIntoView({ block: "nearest" });
    form.current?.querySelector<HTMLInputElement>(`input[value=${asked.decision}]`)?.focus();
  }, [asked]);

  const conflict = record.error instanceof Problem && record.error.status === 409;
  const submit = () => {
    if (decision && !record.isPending) record.mutate(decision);
  };
  return (
    // Ctrl+Enter records from within a field as well, where Enter begins a new line.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <form
      ref={form} className={styles.form} noValidate
      onSubmit={event => {
        event.preventDefault();
        submit();
      }}
      onKeyDown={event => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        submit();
      }}
    >
      <fieldset className={styles.choices}>
        <legend>{t("oversight.decision")}</legend>
        {decisions.map(one => (
          <label key={one} className={styles.choice}>
            <input type="radio" name="decision" value={one} checked={decision === one} onChange={() => setDecision(one)} />
            <span><strong>{t(`oversight.decide.${one}`)}</strong> <kbd aria-hidden="true">{one.charAt(0)}</kbd><span className={styles.faint}>{t(`oversight.decide.${one}.hint`)}</span></span>
          </label>
        ))}
      </fieldset>
      {decision === "overridden" && (
        <TextArea
          label={t("oversight.corrected")} hint={t("oversight.corrected.hint")} rows={6} value={corrected} errors={fieldErrors(record.error, "corrected_answer")}
          onChange={event => setCorrected(event.target.value)}
        />
      )}
      <TextArea label={t("oversight.note")} hint={t("oversight.note.hint")} rows={3} value={note} errors={fieldErrors(record.error, "note")} onChange={event => setNote(event.target.value)} />
      {!isFieldProblem(record.error, fields) && (
        <ProblemCallout problem={record.error} actions={conflict && <Button small icon="refresh" onClick={onConflict}>{t("oversight.conflict.show")}</Button>} />
      )}
      <Actions>
        {onCancel && <Button onClick={onCancel}>{t("app.cancel")}</Button>}
        <Button type="submit" look={decision === "escalated" ? "danger" : "primary"} busy={record.isPending} aria-disabled={decision === null || undefined}>{t("oversight.record")}</Button>
      </Actions>
    </form>
  );
}
