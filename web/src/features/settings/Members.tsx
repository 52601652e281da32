"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changeMember, inviteMember, listMembers, removeMember } from "@/api/endpoints";
import type { Erasure, Member, Role } from "@/api/types";
import { Button, FilterSelect, IconButton, SelectField, Spinner, TextField } from "@/design/controls";
import { fieldErrors, isFieldProblem, ProblemCallout } from "@/design/ProblemCallout";
import { Actions, Callout, Card, Dialog } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { useUser } from "@/session/useSession";
import { EraseMember } from "./EraseMember";
import { Secret } from "./Secret";
import styles from "./Settings.module.css";

export const roles: readonly Role[] = ["admin", "compliance", "member", "auditor"];

export function Members() {
  const { t, time, number } = useTranslation();
  const user = useUser();
  const queries = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<Member | null>(null);
  const [erasing, setErasing] = useState<Member | null>(null);
  const [erased, setErased] = useState<Erasure | null>(null);
  const [added, setAdded] = useState<{ email: string; password: string } | null>(null);
  const refresh = () => queries.invalidateQueries({ queryKey: ["members"] });
  const members = useQuery({ queryKey: ["members", "active"], queryFn: ({ signal }) => listMembers("active", null, signal) });
  const removed = useQuery({ queryKey: ["members", "removed"], queryFn: ({ signal }) => listMembers("removed", null, signal) });
  const change = useMutation({ mutationFn: ({ id, role }: { id: string; role: Role }) => changeMember(id, { role }), onSettled: refresh });
  const removal = useMutation({
    mutationFn: (member: Member) => removeMember(member.id),
    onSuccess: () => {
      setLeaving(null);
      void refresh();
    },
  });
  return (
    <Card className={styles.card}>
      <header>
        <div>
          <h2>{t("settings.members")}</h2>
          <p className={styles.text}>{t("settings.members.text")}</p>
        </div>
        <Button icon="plus" onClick={() => setAdding(true)}>{t("settings.members.add")}</Button>
      </header>
      {added && <Secret title={t("settings.members.password", { email: added.email })} text={t("settings.members.once")} value={added.password} />}
      {erased && (
        <Callout tone="good" live title={t("settings.erase.done")}>
          {t("settings.erase.done.text", { sequence: number(erased.receipt.sequence) })} <code>{erased.receipt.entry_hash.slice(0, 12)}…</code>
        </Callout>
      )}
      <ProblemCallout problem={members.error ?? change.error} />
      {members.isPending && <Spinner />}
      {members.data && (
        <div className={styles.frame} tabIndex={0} role="group" aria-label={t("settings.members")}>
          <table className={styles.table}>
            <thead>
              <tr><th scope="col">{t("settings.members.name")}</th><th scope="col">{t("settings.members.role")}</th><th scope="col">{t("settings.members.since")}</th><td /></tr>
            </thead>
            <tbody>
              {members.data.items.map(member => {
                const name = member.name || member.email;
                return (
                  <tr key={member.id}>
                    <td><span className={styles.person}>{name}{member.id === user.user_id && ` (${t("settings.members.you")})`}{member.name && <span>{member.email}</span>}</span></td>
                    <td className={styles.role}>
                      <FilterSelect
                        label={t("settings.members.roleOf", { name })} value={change.isPending && change.variables.id === member.id ? change.variables.role : member.role}
                        disabled={change.isPending || member.id === user.user_id} onChange={event => change.mutate({ id: member.id, role: event.target.value as Role })}
                      >
                        {roles.map(role => <option key={role} value={role}>{t(`role.${role}`)}</option>)}
                      </FilterSelect>
                    </td>
                    <td className={styles.when}>{time(member.created_at)}</td>
                    <td className={styles.tools}>
                      {member.id !== user.user_id && <IconButton name={t("settings.members.remove", { name })} icon="close" small onClick={() => setLeaving(member)} />}
                      <IconButton name={t("settings.erase.of", { name })} icon="trash" small onClick={() => setErasing(member)} />
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      {removed.data && removed.data.items.length > 0 && (
        <details className={styles.removed}>
          <summary>{t("settings.members.removed", { count: number(removed.data.items.length) })}</summary>
          <p className={styles.text}>{t("settings.members.removed.text")}</p>
          <div className={styles.frame} tabIndex={0} role="group" aria-label={t("settings.members.removed", { count: number(removed.data.items.length) })}>
            <table className={styles.table}>
              <thead><tr><th scope="col">{t("settings.members.name")}</th><th scope="col">{t("settings.members.removedAt")}</th><td /></tr></thead>
              <tbody>
                {removed.data.items.map(member => (
                  <tr key={member.id}>
                    <td><span className={styles.person}>{member.name || member.email}{member.name && <span>{member.email}</span>}</span></td>
                    <td className={styles.when}>{member.removed_at && time(member.removed_at)}</td>
                    <td><IconButton name={t("settings.erase.of", { name: member.name || member.email })} icon="trash" small onClick={() => setErasing(member)} /></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      )}
      <Dialog open={erasing !== null} title={t("settings.erase")} closeName={t("app.close")} onClose={() => setErasing(null)}>
        {erasing && (
          <EraseMember
            member={erasing} onClose={() => setErasing(null)}
            onErased={done => {
              setErasing(null);
              setErased(done);
              void refresh();
            }}
          />
        )}
      </Dialog>
      <Dialog open={adding} title={t("settings.members.add")} closeName={t("app.close")} onClose={() => setAdding(false)}>
        <AddMember
          onClose={() => setAdding(false)}
          onAdded={(email, password) => {
            setAdded(password ? { email, password } : null);
            setAdding(false);
            void refresh();
          }}
        />
      </Dialog>
      <Dialog open={leaving !== null} title={t("settings.members.remove.title")} closeName={t("app.close")} onClose={() => setLeaving(null)}>
        <p>{t("settings.members.remove.text", { name: leaving?.name || leaving?.email || "" })}</p>
        <ProblemCallout problem={removal.error} />
        <Actions>
          <Button onClick={() => setLeaving(null)}>{t("app.cancel")}</Button>
          <Button look="danger" busy={removal.isPending} onClick={() => leaving && removal.mutate(leaving)}>{t("settings.members.remove.confirm")}</Button>
        </Actions>
      </Dialog>
    </Card>
  );
}

const fields = ["email", "name", "role"];

function AddMember({ onClose, onAdded }: { onClose: () => void; onAdded: (email: string, password: string | null | undefined) => void }) {
  const { t } = useTranslation();
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("member");
  const invitation = useMutation({ mutationFn: () => inviteMember({ email, name, role }), onSuccess: member => onAdded(member.email, member.initial_password) });
  return (
    <form
      className={styles.form} noValidate
      onSubmit={event => {
        event.preventDefault();
        if (!invitation.isPending) invitation.mutate();
      }}
    >
      {!isFieldProblem(invitation.error, fields) && <ProblemCallout problem={invitation.error} />}
      <TextField label={t("auth.email")} type="email" autoComplete="off" value={email} errors={fieldErrors(invitation.error, "email")} onChange={event => setEmail(event.target.value)} />
      <TextField label={t("settings.members.name")} autoComplete="off" value={name} errors={fieldErrors(invitation.error, "name")} onChange={event => setName(event.target.value)} />
      <SelectField label={t("settings.members.role")} value={role} hint={t(`role.${role}.hint`)} errors={fieldErrors(invitation.error, "role")} onChange={event => setRole(event.target.value as Role)}>
        {roles.map(one => <option key={one} value={one}>{t(`role.${one}`)}</option>)}
      </SelectField>
      <Actions>
        <Button onClick={onClose}>{t("app.cancel")}</Button>
        <Button type="submit" look="primary" busy={invitation.isPending}>{t("settings.members.add")}</Button>
      </Actions>
    </form>
  );
}
