"use client";

import { useMutation } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { changeIncident, findAuditItem } from "@/api/endpoints";
import type { AuditItem, Incident } from "@/api/types";
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
  const [names, setNames] = useState<Record<string, AuditItem>>({});
  const change = useMutation({ mutationFn: (ids: string[]) => changeIncident(incident.id, { audit_log_ids: ids }), onSuccess: update });
  const search = useMutation({
    mutationFn: async (wanted: string) => {
      if (ID.test(wanted)) return wanted.toLowerCase();
      const item = /^\d{1,15}$/.test(wanted) ? await findAuditItem(Number(wanted)) : null;
      if (item) setNames(known => ({ ...known, [item.id]: item }));
      return item?.id ?? null;
    },
    onSuccess: id => {
      if (id === null) return;
      change.mutate([...new Set([...incident.audit_log_ids, id])], { onSuccess: () => setText("") });
    },
  });
  const notFound = search.isSuccess && search.data === null && text.trim() === search.variables;
  return (
    <Section title={t("incidents.linked")} text={t("incidents.linked.text")}>
      {incident.audit_log_ids.length === 0 ? <p className={styles.faint}>{t("incidents.linked.none")}</p> : (
        <ul role="list" className={styles.linked}>
          {incident.audit_log_ids.map(id => {
            const item = names[id];
            const name = item ? `${t("incidents.entry", { sequence: number(item.sequence) })}: ${eventName(words, item.event_type)}, ${exactTime(item.created_at)}` : id;
            return (
              <li key={id}>
                {user_role === "member" ? <code>{name}</code> : <Link href={`/audit?entry=${id}`} prefetch={false}>{item ? name : <code>{id}</code>}</Link>}
                {manages && <IconButton name={t("incidents.unlink", { entry: name })} icon="close" small onClick={() => change.mutate(incident.audit_log_ids.filter(one => one !== id))} />}
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
