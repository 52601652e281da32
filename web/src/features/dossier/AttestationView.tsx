"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { changeSystemCard, getSystemCard } from "@/api/endpoints";
import { Problem } from "@/api/problem";
import type { Attestation, CardSection, SystemCard } from "@/api/types";
import { Button, TextArea } from "@/design/controls";
import { fieldErrors, isFieldProblem, ProblemCallout } from "@/design/ProblemCallout";
import { Actions, Callout } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { Markdown } from "@/markdown/Markdown";
import { parseMarkdown } from "@/markdown/parse";
import { usePeople } from "@/session/usePeople";
import styles from "./Dossier.module.css";

const MAXIMUM_LENGTH = 20_000;

/** What people state of a section, in their own words. */
export function AttestationView({ card, section, mayWrite }: { card: SystemCard; section: CardSection; mayWrite: boolean }) {
  const { t, time } = useTranslation();
  const { nameOf } = usePeople();
  const [editing, setEditing] = useState(false);
  const { attestation } = section;
  if (editing) return <Editor card={card} section={section} onDone={() => setEditing(false)} />;
  return (
    <div className={styles.attestation}>
      <h3>{t("dossier.attestation")}</h3>
      {attestation ? (
        <>
          <Text attestation={attestation} />
          <p className={styles.faint}>{t("dossier.attestation.by", { name: nameOf(attestation.written_by), time: time(attestation.written_at) })} <code title={attestation.sha256}>SHA-256 {attestation.sha256.slice(0, 12)}…</code></p>
        </>
      ) : <p className={styles.faint}>{t(section.coverage === "missing" ? "dossier.attestation.missing" : "dossier.attestation.none")}</p>}
      {mayWrite && <div><Button small icon="edit" onClick={() => setEditing(true)}>{t(attestation ? "dossier.attestation.edit" : "dossier.attestation.write")}</Button></div>}
    </div>
  );
}

function Text({ attestation }: { attestation: Attestation }) {
  const blocks = useMemo(() => parseMarkdown(attestation.text), [attestation.text]);
  return <div className={styles.statement}><Markdown blocks={blocks} /></div>;
}

/**
 * Writes a statement. When somebody else changed the card meanwhile nothing is lost: both texts stand here, and its writer
 * decides which is kept.
 */
function Editor({ card, section, onDone }: { card: SystemCard; section: CardSection; onDone: () => void }) {
  const { t, time, number } = useTranslation();
  const { nameOf } = usePeople();
  const queries = useQueryClient();
  const [text, setText] = useState(section.attestation?.text ?? "");
  // What the text was written over; the page may have read a newer card since.
  const [base, setBase] = useState({ version: card.version, text: section.attestation?.text ?? "" });
  const [theirs, setTheirs] = useState<{ version: number; attestation: Attestation | null } | null>(null);
  const change = useMutation({
    mutationFn: (version: number) => changeSystemCard(version, section.section, text.trim() === "" ? null : text),
    onSuccess: changed => {
      queries.setQueryData(["system-card"], changed);
      onDone();
    },
    onError: async failure => {
      if (!(failure instanceof Problem) || (failure.status !== 409 && failure.status !== 412)) return;
      const now = await getSystemCard().catch(() => null);
      const their = now?.sections.find(one => one.section === section.section);
      if (!now || !their) return;
      queries.setQueryData(["system-card"], now);
      // Another section was changed: this one can be written over the newer card.
      if ((their.attestation?.text ?? "") === base.text) {
        setBase({ ...base, version: now.version });
        change.mutate(now.version);
      } else {
        setTheirs({ version: now.version, attestation: their.attestation ?? null });
      }
    },
  });
  const unsaved = text !== base.text;
  useEffect(() => {
    if (!unsaved) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [unsaved]);

  // The button that opened this is gone: the keyboard goes on where the text is.
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector("textarea")?.focus(), []);
  return (
    <form
      ref={form} className={styles.attestation} noValidate
      onSubmit={event => {
        event.preventDefault();
        if (!change.isPending && theirs === null) change.mutate(base.version);
      }}
    >
      {theirs ? (
        <Callout
          tone="warn" live title={t("dossier.conflict")}
          actions={(
            <>
              <Button
                small look="primary" busy={change.isPending}
                onClick={() => {
                  setBase({ version: theirs.version, text: theirs.attestation?.text ?? "" });
                  setTheirs(null);
                  change.mutate(theirs.version);
                }}
              >
                {t("dossier.conflict.mine")}
              </Button>
              <Button small onClick={onDone}>{t("dossier.conflict.theirs")}</Button>
            </>
          )}
        >
          <span>{theirs.attestation ? t("dossier.conflict.text", { name: nameOf(theirs.attestation.written_by), time: time(theirs.attestation.written_at) }) : t("dossier.conflict.withdrawn")}</span>
          {theirs.attestation && <Text attestation={theirs.attestation} />}
        </Callout>
      ) : !isFieldProblem(change.error, ["sections[0].attestation"]) && <ProblemCallout problem={change.error} />}
      <TextArea
        label={t("dossier.attestation")} hint={t("dossier.attestation.hint", { left: number(MAXIMUM_LENGTH - text.length) })} rows={10} maxLength={MAXIMUM_LENGTH} value={text}
        errors={fieldErrors(change.error, "sections[0].attestation")} onChange={event => setText(event.target.value)}
      />
      <Actions>
        <Button onClick={onDone}>{t("app.cancel")}</Button>
        <Button type="submit" look="primary" busy={change.isPending}>{t(text.trim() === "" && section.attestation ? "dossier.attestation.withdraw" : "settings.save")}</Button>
      </Actions>
    </form>
  );
}
