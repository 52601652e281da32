"use client";

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { changePassword } from "@/api/endpoints";
import { Button, TextField } from "@/design/controls";
import { fieldErrors, isFieldProblem, ProblemCallout } from "@/design/ProblemCallout";
import { Callout, Card } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { useUser } from "@/session/useSession";
import styles from "./Settings.module.css";

const fields = ["current_password", "new_password"];

export function AccountSettings() {
  const { t } = useTranslation();
  const user = useUser();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const change = useMutation({
    mutationFn: () => changePassword({ current_password: current, new_password: next }),
    onSuccess: () => {
      setCurrent("");
      setNext("");
    },
  });
  return (
    <Card className={styles.card}>
      <h2>{t("settings.password")}</h2>
      <p className={styles.text}>{t("settings.account.text", { email: user.email, role: t(`role.${user.user_role}`) })}</p>
      <form
        className={styles.form} noValidate
        onSubmit={event => {
          event.preventDefault();
          if (!change.isPending) change.mutate();
        }}
      >
        {!isFieldProblem(change.error, fields) && <ProblemCallout problem={change.error} />}
        {change.isSuccess && <Callout tone="good" live>{t("settings.password.done")}</Callout>}
        <input type="hidden" name="username" autoComplete="username" value={user.email} readOnly />
        <div className={styles.pair}>
          <TextField label={t("settings.password.current")} type="password" autoComplete="current-password" value={current} errors={fieldErrors(change.error, "current_password")} onChange={event => setCurrent(event.target.value)} />
          <TextField label={t("settings.password.new")} type="password" autoComplete="new-password" value={next} hint={t("auth.password.hint")} errors={fieldErrors(change.error, "new_password")} onChange={event => setNext(event.target.value)} />
        </div>
        <div><Button type="submit" look="primary" busy={change.isPending}>{t("settings.password")}</Button></div>
      </form>
    </Card>
  );
}
