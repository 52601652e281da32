"use client";

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { changeIncident, reportIncident } from "@/api/endpoints";
import type { Incident, IncidentCategory, IncidentDraft, Severity } from "@/api/types";
import { Button, SelectField, TextArea, TextField } from "@/design/controls";
import { fieldErrors, isFieldProblem, ProblemCallout } from "@/design/ProblemCallout";
import { Actions, Callout } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { categories, fromField, reportWithin, severities, toField } from "./deadline";
import styles from "./Incidents.module.css";

/** Reports an incident; `linked` is the entry of the log that it is about. */
export function ReportForm({ linked, onCancel, onReported }: { linked: string | null; onCancel: () => void; onReported: (incident: Incident) => void }) {
  const { t } = useTranslation();
  const report = useMutation({ mutationFn: reportIncident, onSuccess: onReported });
  return (
    <Fields
      start={{ title: "", description: "", severity: "incident", category: "other", audit_log_ids: linked === null ? [] : [linked] }}
      problem={report.error} busy={report.isPending} action={t("incidents.report")} onCancel={onCancel} onSend={draft => report.mutate(draft)}
    >
      {linked !== null && <Callout tone="note">{t("incidents.form.linked")}</Callout>}
    </Fields>
  );
}

/** Changes what an incident says of itself; its status and what is linked to it have their own places. */
export function ChangeForm({ incident, onCancel, onChanged }: { incident: Incident; onCancel: () => void; onChanged: (incident: Incident) => void }) {
  const { t } = useTranslation();
  const change = useMutation({
    mutationFn: ({ title, description, severity, category, aware_at }: IncidentDraft) => changeIncident(incident.id, { title, description, severity, category, aware_at }),
    onSuccess: onChanged,
  });
  return <Fields start={incident} problem={change.error} busy={change.isPending} action={t("settings.save")} onCancel={onCancel} onSend={draft => change.mutate(draft)} />;
}

const fields = ["title", "description", "severity", "category", "aware_at", "audit_log_ids"];

function Fields({ start, problem, busy, action, onCancel, onSend, children }: {
  start: IncidentDraft; problem: unknown; busy: boolean; action: string; onCancel: () => void; onSend: (draft: IncidentDraft) => void; children?: React.ReactNode;
}) {
  const { t, amount } = useTranslation();
  const [title, setTitle] = useState(start.title);
  const [description, setDescription] = useState(start.description);
  const [severity, setSeverity] = useState(start.severity);
  const [category, setCategory] = useState(start.category);
  const [aware, setAware] = useState(() => toField(start.aware_at ?? new Date().toISOString()));
  const unchanged = start.aware_at !== undefined && aware === toField(start.aware_at);
  return (
    <form
      className={styles.form} noValidate
      onSubmit={event => {
        event.preventDefault();
        // A field keeps minutes only: what was not touched stays to the second.
        if (!busy) onSend({ title, description, severity, category, aware_at: unchanged ? start.aware_at : fromField(aware), audit_log_ids: start.audit_log_ids });
      }}
    >
      {children}
      {!isFieldProblem(problem, fields) && <ProblemCallout problem={problem} />}
      <TextField label={t("incidents.column.title")} hint={t("incidents.form.title.hint")} autoComplete="off" maxLength={200} value={title} errors={[...fieldErrors(problem, "title"), ...fieldErrors(problem, "audit_log_ids")]} onChange={event => setTitle(event.target.value)} />
      <TextArea label={t("incidents.form.description")} hint={t("incidents.form.description.hint")} rows={6} maxLength={20_000} value={description} errors={fieldErrors(problem, "description")} onChange={event => setDescription(event.target.value)} />
      <SelectField label={t("incidents.column.severity")} hint={t(`incidents.severity.${severity}.hint`)} value={severity} errors={fieldErrors(problem, "severity")} onChange={event => setSeverity(event.target.value as Severity)}>
        {severities.map(one => <option key={one} value={one}>{t(`incidents.severity.${one}`)}</option>)}
      </SelectField>
      <SelectField
        label={t("incidents.column.category")} hint={t("incidents.form.category.hint", { time: amount(reportWithin[category], "day") })} value={category}
        errors={fieldErrors(problem, "category")} onChange={event => setCategory(event.target.value as IncidentCategory)}
      >
        {categories.map(one => <option key={one} value={one}>{t(`incidents.category.${one}`)}</option>)}
      </SelectField>
      <TextField
        label={t("incidents.form.aware")} hint={t("incidents.form.aware.hint")} type="datetime-local" max={toField(new Date().toISOString())} value={aware}
        errors={fieldErrors(problem, "aware_at")} onChange={event => setAware(event.target.value)}
      />
      <Actions>
        <Button onClick={onCancel}>{t("app.cancel")}</Button>
        <Button type="submit" look="primary" busy={busy}>{action}</Button>
      </Actions>
    </form>
  );
}
