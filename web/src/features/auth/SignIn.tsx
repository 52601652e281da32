"use client";

import { useMutation } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { signIn } from "@/api/session";
import { Button, TextField } from "@/design/controls";
import { fieldErrors, isFieldProblem, ProblemCallout } from "@/design/ProblemCallout";
import { useTranslation } from "@/i18n";
import { AuthPage } from "./AuthPage";
import styles from "./AuthPage.module.css";

const fields = ["email", "password"];

export function SignIn() {
  const { t } = useTranslation();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const attempt = useMutation({ mutationFn: () => signIn(email, password) });
  return (
    <AuthPage title={t("auth.signIn.title")}>
      <form
        className={styles.form} noValidate
        onSubmit={event => {
          event.preventDefault();
          if (!attempt.isPending) attempt.mutate();
        }}
      >
        {!isFieldProblem(attempt.error, fields) && <ProblemCallout problem={attempt.error} />}
        <TextField label={t("auth.email")} type="email" name="email" autoComplete="username" required value={email} errors={fieldErrors(attempt.error, "email")} onChange={event => setEmail(event.target.value)} />
        <TextField label={t("auth.password")} type="password" name="password" autoComplete="current-password" required value={password} errors={fieldErrors(attempt.error, "password")} onChange={event => setPassword(event.target.value)} />
        <Button type="submit" look="primary" wide busy={attempt.isPending}>{t("auth.signIn")}</Button>
      </form>
      <p className={styles.foot}>{t("auth.signIn.new")} <Link href="/register">{t("auth.register")}</Link></p>
    </AuthPage>
  );
}
