"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { changeIncident, getIncident } from "@/api/endpoints";
import type { Incident, IncidentStatus } from "@/api/types";
import { numberIn } from "@/api/unknown";
import { Button, Spinner } from "@/design/controls";
import { Icon } from "@/design/Icon";
import { Page, Section } from "@/design/Page";
import { ProblemCallout } from "@/design/ProblemCallout";
import { Actions, Callout, Dialog, Row } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { eventName, wordFor } from "@/i18n/events";
import { usePeople } from "@/session/usePeople";
import { useUser } from "@/session/useSession";
import { SeverityBadge, StatusBadge } from "./badges";
import { Deadline } from "./Deadline";
import { EvidenceFiles } from "./EvidenceFiles";
import { ChangeForm } from "./IncidentForm";
import { LinkedEntries } from "./LinkedEntries";
import { ReportDraft } from "./ReportDraft";
import { useIncidentUpdate } from "./useIncidentUpdate";
import styles from "./Incidents.module.css";

export function IncidentView({ id }: { id: string }) {
  const { t } = useTranslation();
  const incident = useQuery({ queryKey: ["incident", id], queryFn: ({ signal }) => getIncident(id, signal) });
  if (incident.data) return <Loaded incident={incident.data} />;
  return (
    <Page title={t("page.incidents")} back={<Back />}>
      {incident.isPending && <div className={styles.loading}><Spinner /></div>}
      <ProblemCallout problem={incident.error} actions={<Button small icon="refresh" onClick={() => void incident.refetch()}>{t("app.retry")}</Button>} />
    </Page>
  );
}

function Back() {
  const { t } = useTranslation();
  return <Link className={styles.back} href="/incidents" prefetch={false}><Icon name="chevron" size={13} />{t("incidents.back")}</Link>;
}

function Loaded({ incident }: { incident: Incident }) {
  const { t, time } = useTranslation();
  const { user_role } = useUser();
  const { nameOf } = usePeople();
  const update = useIncidentUpdate();
  const [editing, setEditing] = useState(false);
  const manages = user_role === "admin" || user_role === "compliance";
  return (
    <Page
      title={incident.title} back={<Back />}
      actions={manages && <Button icon="edit" onClick={() => setEditing(true)}>{t("incidents.edit")}</Button>}
    >
      <Row><StatusBadge status={incident.status} /><SeverityBadge severity={incident.severity} /><span>{t(`incidents.category.${incident.category}`)}</span></Row>
      <Standing incident={incident} manages={manages} />
      <div className={styles.columns}>
        <div className={styles.column}>
          <Section title={t("incidents.what")}>
            <p className={incident.description ? styles.description : styles.faint}>{incident.description || t("incidents.noDescription")}</p>
            <dl className={styles.facts}>
              <dt>{t("incidents.reportedBy")}</dt><dd>{nameOf(incident.reported_by)}, {time(incident.created_at)}</dd>
              <dt>{t("incidents.form.aware")}</dt><dd>{time(incident.aware_at)}</dd>
              <dt>{t("incidents.column.deadline")}</dt><dd>{time(incident.deadline)}</dd>
              {incident.authority_informed_at && <><dt>{t("incidents.informed")}</dt><dd>{time(incident.authority_informed_at)}</dd></>}
              {incident.closed_at && <><dt>{t("incidents.closedAt")}</dt><dd>{time(incident.closed_at)}</dd></>}
            </dl>
          </Section>
          <LinkedEntries incident={incident} manages={manages} />
          <EvidenceFiles incident={incident} />
        </div>
        <div className={styles.column}>
          {user_role !== "member" && <ReportDraft incident={incident} />}
          <Section title={t("incidents.history")}><History incident={incident} nameOf={nameOf} /></Section>
        </div>
      </div>
      <Dialog open={editing} title={t("incidents.edit")} closeName={t("app.close")} onClose={() => setEditing(false)}>
        <ChangeForm
          incident={incident} onCancel={() => setEditing(false)}
          onChanged={changed => {
            update(changed);
            setEditing(false);
          }}
        />
      </Dialog>
    </Page>
  );
}

/** The deadline, and the steps that may follow from here. */
function Standing({ incident, manages }: { incident: Incident; manages: boolean }) {
  const { t } = useTranslation();
  const update = useIncidentUpdate();
  const [asked, setAsked] = useState<IncidentStatus | null>(null);
  const change = useMutation({
    mutationFn: (status: IncidentStatus) => changeIncident(incident.id, { status }),
    onSuccess: changed => {
      update(changed);
      setAsked(null);
    },
  });
  return (
    <>
      <Callout
        tone={incident.overdue ? "bad" : incident.status === "open" ? "note" : "good"} title={t(incident.overdue ? "incidents.overdue.title" : `incidents.standing.${incident.status}`)}
        actions={manages && incident.allowed_statuses.map(status => (
          <Button
            key={status} small look={status === "reported" ? "primary" : "plain"}
            onClick={() => {
              change.reset();
              setAsked(status);
            }}
          >
            {t(`incidents.to.${status}`)}
          </Button>
        ))}
      >
        <Deadline incident={incident} />
        <span className={styles.faint}>{t("incidents.standing.text")}</span>
      </Callout>
      <Dialog open={asked !== null} title={asked ? t(`incidents.to.${asked}`) : ""} closeName={t("app.close")} onClose={() => setAsked(null)}>
        <p>{asked && t(`incidents.to.${asked}.text`)}</p>
        <ProblemCallout problem={change.error} />
        <Actions>
          <Button onClick={() => setAsked(null)}>{t("app.cancel")}</Button>
          <Button look="primary" busy={change.isPending} onClick={() => asked && change.mutate(asked)}>{asked && t(`incidents.to.${asked}`)}</Button>
        </Actions>
      </Dialog>
    </>
  );
}

/** What happened to it, straight from the log. */
function History({ incident, nameOf }: { incident: Incident; nameOf: (id: string | null | undefined) => string }) {
  const words = useTranslation();
  const { t, exactTime, number, bytes } = words;
  const { user_role } = useUser();
  return (
    <ol role="list" className={styles.history}>
      {incident.history.map(event => {
        const data = event.data ?? {};
        const size = numberIn(data.evidence, "size");
        return (
          <li key={event.id}>
            <span className={styles.event}>{typeof data.reminder === "string" ? wordFor(words, `incidents.reminder.${data.reminder}`, data.reminder) : eventName(words, event.event_type)}</span>
            {typeof data.to === "string" && <span>{t("incidents.changed.status", { status: wordFor(words, `incidents.status.${data.to}`, data.to) })}</span>}
            {Array.isArray(data.fields) && data.fields.length > 0 && <span>{t("incidents.changed.fields", { fields: data.fields.map(field => wordFor(words, `incidents.field.${String(field)}`, String(field))).join(", ") })}</span>}
            {size !== null && <span>{t("incidents.changed.evidence", { size: bytes(size) })}</span>}
            <span className={styles.faint}>
              {exactTime(event.at)} · {nameOf(event.user_id)} · {user_role === "member"
                ? t("incidents.entry", { sequence: number(event.sequence) })
                : <Link href={`/audit?entry=${event.id}`} prefetch={false}>{t("incidents.entry", { sequence: number(event.sequence) })}</Link>}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
