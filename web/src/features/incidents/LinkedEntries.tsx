"use client";

import { useMutation } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { changeIncident, findAuditItem } from "@/api/endpoints";
import type { Incident } from "@/api/types";
import { Button, IconButton, TextField } from "@/design/controls";
import { Section } from "@/design/Page";
import { fieldErrors, isFieldProblem, ProblemCallout } from "@/design/ProblemCallout";
import { useTranslation } from "@/i18n";
import { eventName } from "@/i18n/events";
import { useUser } from "@/session/useSession";
import { useIncidentUpdate } from "./useIncidentUpdate";
import styles from "./Incidents.module.css";

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The entries of the log that the incident is about. Its whole set is what the server is told. */
export function LinkedEntries({ incident, manages }: { incident: Incident; manages: boolean }) {
  const words = useTranslation();
  const { t, number, exactTime } = words;
  const { user_role } = useUser();
  const update = useIncidentUpdate();
  const [text, setText] = useState("");
  const change = useMutation({ mutationFn: (ids: string[]) => changeIncident(incident.id, { audit_log_ids: ids }), onSuccess: update });
  const search = useMutation({
    mutationFn: async (wanted: string) => {
      if (ID.test(wanted)) return wanted.toLowerCase();
      return /^\d{1,15}$/.test(wanted) ? (await findAuditItem(Number(wanted)))?.id ?? null : null;
    },
    onSuccess: id => {
      if (id === null) return;
      change.mutate([...new Set([...incident.audit_log_ids, id])], { onSuccess: () => setText("") });
    },
  });
  const notFound = search.isSuccess && search.data === null && text.trim() === search.variables;
  return (
    <Section title={t("incidents.linked")} text={t("incidents.linked.text")}>
      {incident.linked_entries.length === 0 ? <p className={styles.faint}>{t("incidents.linked.none")}</p> : (
        <ul role="list" className={styles.linked}>
          {incident.linked_entries.map(entry => {
            const place = t("incidents.entry", { sequence: number(entry.sequence) });
            const event = eventName(words, entry.event_type);
            return (
              <li key={entry.id}>
                <div>
                  {user_role === "member" ? <span>{event}</span> : <Link href={`/audit?entry=${entry.id}`} prefetch={false}>{event}</Link>}
                  <span className={styles.faint}>{[place, exactTime(entry.at), entry.model].filter(Boolean).join(" · ")}</span>
                </div>
                {manages && (
                  <IconButton
                    name={t("incidents.unlink", { entry: `${place}: ${event}` })} icon="close" small
                    onClick={() => change.mutate(incident.audit_log_ids.filter(one => one !== entry.id))}
                  />
                )}
              </li>
            );
          })}
        </ul>
      )}
      {!isFieldProblem(change.error, ["audit_log_ids"]) && <ProblemCallout problem={change.error ?? search.error} />}
      {manages && (
        <form
          className={styles.link} noValidate
          onSubmit={event => {
            event.preventDefault();
            if (text.trim() !== "" && !search.isPending && !change.isPending) search.mutate(text.trim());
          }}
        >
          <TextField
            label={t("incidents.link.field")} hint={t("incidents.link.hint")} autoComplete="off" value={text}
            errors={notFound ? [t("incidents.link.missing")] : fieldErrors(change.error, "audit_log_ids")} onChange={event => setText(event.target.value)}
          />
          <Button type="submit" icon="link" busy={search.isPending || change.isPending}>{t("incidents.link")}</Button>
        </form>
      )}
    </Section>
  );
}
