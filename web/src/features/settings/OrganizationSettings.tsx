"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { getUsage } from "@/api/endpoints";
import type { Organization } from "@/api/types";
import { Checkbox, Spinner, TextField } from "@/design/controls";
import { CopyButton } from "@/design/CopyButton";
import { fieldErrors, isFieldProblem, ProblemCallout } from "@/design/ProblemCallout";
import { Card } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { useUser } from "@/session/useSession";
import { SaveLine } from "./SaveLine";
import { numberOrNull, useOrganization, useSave } from "./useOrganization";
import styles from "./Settings.module.css";

export function OrganizationSettings() {
  const organization = useOrganization();
  return (
    <>
      <Usage />
      <ProblemCallout problem={organization.error} />
      {organization.isPending && <Spinner />}
      {organization.data && <OrganizationForm key={organization.data.id} organization={organization.data} />}
    </>
  );
}

const fields = ["name", "daily_chat_cap", "retention_days"];

function OrganizationForm({ organization }: { organization: Organization }) {
  const { t, number } = useTranslation();
  const mayChange = useUser().user_role === "admin";
  const save = useSave();
  const [name, setName] = useState(organization.name);
  const [cap, setCap] = useState(organization.daily_chat_cap === null ? "" : String(organization.daily_chat_cap));
  const [days, setDays] = useState(String(organization.retention_days));
  const [hold, setHold] = useState(organization.legal_hold);
  const [fourEyes, setFourEyes] = useState(organization.four_eyes);
  return (
    <Card className={styles.card}>
      <h2>{t("settings.organization")}</h2>
      {!mayChange && <p className={styles.text}>{t("settings.readOnly")}</p>}
      <form
        className={styles.form} noValidate
        onSubmit={event => {
          event.preventDefault();
          if (!save.isPending) save.mutate({ name, daily_chat_cap: numberOrNull(cap), retention_days: numberOrNull(days) ?? 0, legal_hold: hold, four_eyes: fourEyes });
        }}
      >
        {!isFieldProblem(save.error, fields) && <ProblemCallout problem={save.error} />}
        <TextField label={t("settings.organization.name")} value={name} disabled={!mayChange} errors={fieldErrors(save.error, "name")} onChange={event => setName(event.target.value)} />
        <div className={styles.pair}>
          <TextField
            label={t("settings.cap")} inputMode="numeric" value={cap} disabled={!mayChange} errors={fieldErrors(save.error, "daily_chat_cap")}
            hint={organization.daily_chat_cap === null ? t("settings.cap.hint", { cap: number(organization.effective.daily_chat_cap) }) : t("settings.cap.hint.own")} onChange={event => setCap(event.target.value)}
          />
          <TextField
            label={t("settings.retention.days")} inputMode="numeric" value={days} disabled={!mayChange} errors={fieldErrors(save.error, "retention_days")}
            hint={t("settings.retention.hint")} onChange={event => setDays(event.target.value)}
          />
        </div>
        <Checkbox label={t("settings.hold")} hint={t("settings.hold.hint")} checked={hold} disabled={!mayChange} onChange={event => setHold(event.target.checked)} />
        <Checkbox label={t("settings.fourEyes")} hint={t("settings.fourEyes.hint")} checked={fourEyes} disabled={!mayChange} onChange={event => setFourEyes(event.target.checked)} />
        <div className={styles.foot}>
          <span className={styles.text}>{t("settings.organization.id")}</span>
          <span className={styles.secret}><code>{organization.id}</code><CopyButton name={`${t("app.copy")}: ${t("settings.organization.id")}`} text={organization.id} /></span>
        </div>
        {mayChange && <SaveLine busy={save.isPending} saved={save.isSuccess} />}
      </form>
    </Card>
  );
}

function Usage() {
  const { t, number, time } = useTranslation();
  const usage = useQuery({ queryKey: ["usage"], queryFn: ({ signal }) => getUsage(signal) });
  if (!usage.data) return <ProblemCallout problem={usage.error} />;
  const { used, cap, resets_at } = usage.data;
  const share = cap === 0 ? 100 : Math.min(100, (used / cap) * 100);
  return (
    <Card className={styles.card}>
      <h2>{t("settings.usage")}</h2>
      <div className={styles.meter} aria-hidden="true">
        <svg viewBox="0 0 100 1" preserveAspectRatio="none"><rect className={share >= 100 ? styles.full : undefined} width={share} height="1" /></svg>
      </div>
      <p className={styles.text}>{t("settings.usage.text", { used: number(used), cap: number(cap), time: time(resets_at) })}</p>
    </Card>
  );
}
