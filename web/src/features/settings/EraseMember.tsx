"use client";

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { eraseMember } from "@/api/endpoints";
import type { Erasure, ErasureReason, Member } from "@/api/types";
import { Button, SelectField, TextField } from "@/design/controls";
import { fieldErrors, isFieldProblem, ProblemCallout } from "@/design/ProblemCallout";
import { Actions, Callout } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { useUser } from "@/session/useSession";
import styles from "./Settings.module.css";

/** The grounds of GDPR Art. 17(1), a to f. */
const reasons: readonly ErasureReason[] = ["no_longer_needed", "consent_withdrawn", "objection", "unlawful", "legal_obligation", "child"];

/** Erases a person for good: only after their e-mail address was typed, which nobody does by mistake. */
export function EraseMember({ member, onClose, onErased }: { member: Member; onClose: () => void; onErased: (erasure: Erasure) => void }) {
  const { t } = useTranslation();
  const user = useUser();
  const [typed, setTyped] = useState("");
  const [reason, setReason] = useState<ErasureReason | "">("");
  const erasure = useMutation({ mutationFn: () => eraseMember(member.id, reason === "" ? null : reason), onSuccess: onErased });
  const confirmed = typed.trim().toLowerCase() === member.email.toLowerCase();
  return (
    <form
      className={styles.form} noValidate
      onSubmit={event => {
        event.preventDefault();
        if (confirmed && !erasure.isPending) erasure.mutate();
      }}
    >
      <Callout tone="bad" title={t("settings.erase.title", { name: member.name || member.email })}>
        <ul className={styles.consequences}>
          <li>{t("settings.erase.text.words")}</li>
          <li>{t("settings.erase.text.person")}</li>
          <li>{t("settings.erase.text.log")}</li>
        </ul>
        {member.id === user.user_id && <strong>{t("settings.erase.you")}</strong>}
      </Callout>
      {!isFieldProblem(erasure.error, ["reason"]) && <ProblemCallout problem={erasure.error} />}
      <SelectField label={t("settings.erase.reason")} hint={t("settings.erase.reason.hint")} value={reason} errors={fieldErrors(erasure.error, "reason")} onChange={event => setReason(event.target.value as ErasureReason | "")}>
        <option value="">{t("settings.erase.reason.none")}</option>
        {reasons.map(one => <option key={one} value={one}>{t(`settings.erase.reason.${one}`)}</option>)}
      </SelectField>
      <TextField label={t("settings.erase.type")} hint={<code>{member.email}</code>} autoComplete="off" spellCheck={false} value={typed} onChange={event => setTyped(event.target.value)} />
      <Actions>
        <Button onClick={onClose}>{t("app.cancel")}</Button>
        <Button type="submit" look="danger" disabled={!confirmed} busy={erasure.isPending}>{t("settings.erase.confirm")}</Button>
      </Actions>
    </form>
  );
}
