"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { resumeAssistant, suspendAssistant } from "@/api/endpoints";
import type { Organization } from "@/api/types";
import { Button, TextArea } from "@/design/controls";
import { fieldErrors, isFieldProblem, ProblemCallout } from "@/design/ProblemCallout";
import { Actions, Dialog } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import styles from "./Oversight.module.css";

/** The stop button of Art. 14(4)(e), and the way back. */
export function Suspension({ organization: { suspended } }: { organization: Organization }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const change = useMutation({
    mutationFn: () => suspended ? resumeAssistant(text) : suspendAssistant(text),
    onSuccess: () => {
      setOpen(false);
      setText("");
    },
    // Also after a refusal: someone else may have been quicker.
    onSettled: () => queries.invalidateQueries({ queryKey: ["organization"] }),
  });
  const field = suspended ? "note" : "reason";
  const name = t(suspended ? "oversight.resume" : "oversight.suspend");
  return (
    <>
      <Button look={suspended ? "primary" : "danger"} icon={suspended ? "check" : "stop"} onClick={() => setOpen(true)}>{name}</Button>
      <Dialog
        open={open} title={t(suspended ? "oversight.resume.title" : "oversight.suspend.title")} closeName={t("app.close")}
        onClose={() => {
          setOpen(false);
          change.reset();
        }}
      >
        <form
          className={styles.form} noValidate
          onSubmit={event => {
            event.preventDefault();
            if (!change.isPending) change.mutate();
          }}
        >
          <p>{t(suspended ? "oversight.resume.text" : "oversight.suspend.text")}</p>
          <TextArea
            label={t(suspended ? "oversight.resume.note" : "oversight.suspend.reason")} hint={t(suspended ? "oversight.resume.note.hint" : "oversight.suspend.reason.hint")}
            rows={3} value={text} errors={fieldErrors(change.error, field)} onChange={event => setText(event.target.value)}
          />
          {!isFieldProblem(change.error, [field]) && <ProblemCallout problem={change.error} />}
          <Actions>
            <Button onClick={() => setOpen(false)}>{t("app.cancel")}</Button>
            <Button type="submit" look={suspended ? "primary" : "danger"} busy={change.isPending}>{name}</Button>
          </Actions>
        </form>
      </Dialog>
    </>
  );
}
