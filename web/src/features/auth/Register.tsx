"use client";

import { useMutation } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { register } from "@/api/session";
import { Button, TextField } from "@/design/controls";
import { fieldErrors, isFieldProblem, ProblemCallout } from "@/design/ProblemCallout";
import { useTranslation } from "@/i18n";
import { AuthPage } from "./AuthPage";
import styles from "./AuthPage.module.css";

const fields = ["organization_name", "name", "email", "password"];

export function Register() {
  const { t } = useTranslation();
  const [values, setValues] = useState({ organization_name: "", name: "", email: "", password: "" });
  const attempt = useMutation({ mutationFn: () => register(values) });
  const field = (name: keyof typeof values) => ({
    name,
    value: values[name],
    errors: fieldErrors(attempt.error, name),
    onChange: (event: { target: { value: string } }) => setValues(before => ({ ...before, [name]: event.target.value })),
  });
  return (
    <AuthPage title={t("auth.register.title")}>
      <p>{t("auth.register.text")}</p>
      <form
        className={styles.form} noValidate
        onSubmit={event => {
          event.preventDefault();
          if (!attempt.isPending) attempt.mutate();
        }}
      >
        {!isFieldProblem(attempt.error, fields) && <ProblemCallout problem={attempt.error} />}
        <TextField label={t("auth.organization")} autoComplete="organization" required {...field("organization_name")} />
        <TextField label={t("auth.name")} autoComplete="name" {...field("name")} />
        <TextField label={t("auth.email")} type="email" autoComplete="username" required {...field("email")} />
        <TextField label={t("auth.password")} type="password" autoComplete="new-password" required hint={t("auth.password.hint")} {...field("password")} />
        <Button type="submit" look="primary" wide busy={attempt.isPending}>{t("auth.register")}</Button>
      </form>
      <p className={styles.foot}>{t("auth.register.known")} <Link href="/sign-in">{t("auth.signIn")}</Link></p>
    </AuthPage>
  );
}
