"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { createApiKey, listApiKeys, revokeApiKey } from "@/api/endpoints";
import type { ApiKey, CreatedApiKey, Role } from "@/api/types";
import { Button, IconButton, SelectField, Spinner, TextField } from "@/design/controls";
import { fieldErrors, isFieldProblem, ProblemCallout } from "@/design/ProblemCallout";
import { Actions, Card, Dialog } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { roles } from "./Members";
import { Secret } from "./Secret";
import styles from "./Settings.module.css";

export function ApiKeys() {
  const { t, time } = useTranslation();
  const queries = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [created, setCreated] = useState<CreatedApiKey | null>(null);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const refresh = () => queries.invalidateQueries({ queryKey: ["api-keys"] });
  const keys = useQuery({ queryKey: ["api-keys"], queryFn: ({ signal }) => listApiKeys(null, signal) });
  const revocation = useMutation({
    mutationFn: (key: ApiKey) => revokeApiKey(key.id),
    onSuccess: (_, key) => {
      setRevoking(null);
      if (created?.id === key.id) setCreated(null);
      void refresh();
    },
  });
  return (
    <Card className={styles.card}>
      <header>
        <div>
          <h2>{t("settings.keys")}</h2>
          <p className={styles.text}>{t("settings.keys.text")}</p>
        </div>
        <Button icon="plus" onClick={() => setAdding(true)}>{t("settings.keys.add")}</Button>
      </header>
      {created && <Secret title={t("settings.keys.created", { name: created.name })} text={t("settings.keys.once")} value={created.key} />}
      <ProblemCallout problem={keys.error} />
      {keys.isPending && <Spinner />}
      {keys.data?.items.length === 0 && <p className={styles.text}>{t("settings.keys.empty")}</p>}
      {keys.data && keys.data.items.length > 0 && (
        <div className={styles.frame} tabIndex={0} role="group" aria-label={t("settings.keys")}>
          <table className={styles.table}>
            <thead>
              <tr><th scope="col">{t("settings.keys.name")}</th><th scope="col">{t("settings.members.role")}</th><th scope="col">{t("settings.keys.prefix")}</th><th scope="col">{t("settings.members.since")}</th><td /></tr>
            </thead>
            <tbody>
              {keys.data.items.map(key => (
                <tr key={key.id}>
                  <td>{key.name}</td>
                  <td>{t(`role.${key.role}`)}</td>
                  <td><code>{key.prefix}…</code></td>
                  <td>{time(key.created_at)}</td>
                  <td><IconButton name={t("settings.keys.revoke", { name: key.name })} icon="trash" small onClick={() => setRevoking(key)} /></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Dialog open={adding} title={t("settings.keys.add")} closeName={t("app.close")} onClose={() => setAdding(false)}>
        <AddKey
          onClose={() => setAdding(false)}
          onCreated={key => {
            setCreated(key);
            setAdding(false);
            void refresh();
          }}
        />
      </Dialog>
      <Dialog open={revoking !== null} title={t("settings.keys.revoke.title")} closeName={t("app.close")} onClose={() => setRevoking(null)}>
        <p>{t("settings.keys.revoke.text", { name: revoking?.name ?? "" })}</p>
        <ProblemCallout problem={revocation.error} />
        <Actions>
          <Button onClick={() => setRevoking(null)}>{t("app.cancel")}</Button>
          <Button look="danger" busy={revocation.isPending} onClick={() => revoking && revocation.mutate(revoking)}>{t("settings.keys.revoke.confirm")}</Button>
        </Actions>
      </Dialog>
    </Card>
  );
}

const fields = ["name", "role"];

function AddKey({ onClose, onCreated }: { onClose: () => void; onCreated: (key: CreatedApiKey) => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("member");
  const creation = useMutation({ mutationFn: () => createApiKey({ name, role }), onSuccess: onCreated });
  return (
    <form
      className={styles.form} noValidate
      onSubmit={event => {
        event.preventDefault();
        if (!creation.isPending) creation.mutate();
      }}
    >
      {!isFieldProblem(creation.error, fields) && <ProblemCallout problem={creation.error} />}
      <TextField label={t("settings.keys.name")} autoComplete="off" value={name} errors={fieldErrors(creation.error, "name")} onChange={event => setName(event.target.value)} />
      <SelectField label={t("settings.members.role")} value={role} hint={t(`role.${role}.hint`)} errors={fieldErrors(creation.error, "role")} onChange={event => setRole(event.target.value as Role)}>
        {roles.map(one => <option key={one} value={one}>{t(`role.${one}`)}</option>)}
      </SelectField>
      <Actions>
        <Button onClick={onClose}>{t("app.cancel")}</Button>
        <Button type="submit" look="primary" busy={creation.isPending}>{t("settings.keys.add")}</Button>
      </Actions>
    </form>
  );
}
