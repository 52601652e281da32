"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useEffect, useMemo, useRef, useState } from "react";
import { getOversightTurn } from "@/api/endpoints";
import type { OversightDetail, PastDecision } from "@/api/types";
import { sourcesIn, textIn } from "@/api/unknown";
import { Button, IconButton, Spinner } from "@/design/controls";
import { ProblemCallout } from "@/design/ProblemCallout";
import { Badge, Callout, Row } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { flagName } from "@/i18n/events";
import { Markdown } from "@/markdown/Markdown";
import { parseMarkdown } from "@/markdown/parse";
import { usePeople } from "@/session/usePeople";
import { useUser } from "@/session/useSession";
import { DecisionForm } from "./DecisionForm";
import { findingsOf } from "./facts";
import type { Decision } from "./keys";
import { StatusBadge } from "./StatusBadge";
import styles from "./Oversight.module.css";

/** One turn with all that one needs to decide on it. That it was opened is in the log. */
export function TurnReview({ id, asked, onDecided, onClose }: { id: string; asked: { decision: Decision } | null; onDecided: () => void; onClose: () => void }) {
  const words = useTranslation();
  const { t, number, percent, exactTime } = words;
  const { nameOf } = usePeople();
  const queries = useQueryClient();
  const heading = useRef<HTMLHeadingElement>(null);
  // Each request of this is a reading that is recorded: once is enough.
  const turn = useQuery({ queryKey: ["oversight-turn", id], queryFn: ({ signal }) => getOversightTurn(id, signal), staleTime: Infinity, gcTime: 0, refetchOnWindowFocus: false, refetchOnReconnect: false });
  const isHere = turn.data !== undefined;
  useEffect(() => {
    if (isHere) heading.current?.focus({ preventScroll: true });
  }, [isHere]);

  if (!turn.data) {
    return (
      <div className={styles.review}>
        {turn.isPending && <div className={styles.loading}><Spinner /><span className="hidden-visually">{t("app.loading")}</span></div>}
        <ProblemCallout problem={turn.error} actions={<Button small onClick={onClose}>{t("oversight.back")}</Button>} />
      </div>
    );
  }

  const { data } = turn;
  const findings = findingsOf(words, data.data);
  return (
    <article className={styles.review}>
      <header className={styles.head}>
        <IconButton name={t("oversight.back")} icon="chevron" small onClick={onClose} />
        <div>
          <h2 ref={heading} tabIndex={-1}>{t("audit.entry", { sequence: number(data.sequence) })}</h2>
          <p className={styles.faint}>{exactTime(data.created_at)} · {nameOf(data.user_id ?? null)}{data.model && ` · ${data.provider}, ${data.model}`}</p>
        </div>
      </header>
      <Row>
        <StatusBadge status={data.status} />
        {data.reasons.map(reason => <Badge key={reason} tone="warn" icon="alert">{flagName(words, reason)}</Badge>)}
        {data.confidence != null && <Badge>{t("chat.confidence", { percent: percent(data.confidence) })}</Badge>}
        {data.grounding != null && <Badge>{t("chat.grounding", { percent: percent(data.grounding) })}</Badge>}
        {data.outcome && data.outcome !== "completed" && <Badge tone="warn">{data.outcome}</Badge>}
      </Row>
      {findings.length > 0 && (
        <dl className={styles.findings}>{findings.map(({ name, text }) => <div key={name}><dt>{name}</dt><dd>{text}</dd></div>)}</dl>
      )}

      <Said content={data.content} />
      <History history={data.history} />
      <Decide
        turn={data} asked={asked}
        onDecided={() => {
          // The form goes, and must not take the keyboard's place with it.
          heading.current?.focus({ preventScroll: true });
          onDecided();
          void queries.invalidateQueries({ queryKey: ["oversight-turn", id] });
        }}
      />
    </article>
  );
}

function Said({ content }: { content: OversightDetail["content"] }) {
  const { t } = useTranslation();
  const message = textIn(content, "message");
  const answer = textIn(content, "answer");
  const blocks = useMemo(() => parseMarkdown(answer), [answer]);
  if (content === "erased") return <Callout tone="note">{t("audit.entry.erased")}</Callout>;
  if (content === "unreadable") return <Callout tone="bad">{t("audit.entry.unreadable")}</Callout>;
  if (content == null || typeof content !== "object") return <Callout tone="note">{t("oversight.noContent")}</Callout>;
  const sources = sourcesIn(content);
  return (
    <>
      <section className={styles.part}>
        <h3>{t("audit.entry.question")}</h3>
        <p className={styles.question}>{message}</p>
      </section>
      <section className={styles.part}>
        <h3>{t("audit.entry.answer")}</h3>
        {answer === "" ? <p className={styles.faint}>{t("oversight.noAnswer")}</p> : <div className={styles.prose}><Markdown blocks={blocks} /></div>}
      </section>
      <section className={styles.part}>
        <h3>{t("audit.entry.sources")}</h3>
        {sources.length === 0 ? <p className={styles.faint}>{t("oversight.noSources")}</p> : (
          <ol className={styles.sources}>{sources.map(source => <li key={source.id}><Source source={source} /></li>)}</ol>
        )}
      </section>
    </>
  );
}

function Source({ source }: { source: ReturnType<typeof sourcesIn>[number] }) {
  const [open, setOpen] = useState(false);
  const blocks = useMemo(() => open ? parseMarkdown(source.text) : [], [open, source.text]);
  return (
    <details onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>{source.title}{source.heading && <span className={styles.faint}>{source.heading}</span>}</summary>
      {open && <div className={styles.passage}><Markdown blocks={blocks} /></div>}
    </details>
  );
}

function History({ history }: { history: readonly PastDecision[] }) {
  const { t, number, exactTime } = useTranslation();
  const { nameOf } = usePeople();
  if (history.length === 0) return null;
  return (
    <section className={styles.part}>
      <h3>{t("oversight.history")}</h3>
      <ol role="list" className={styles.history}>
        {history.map(past => {
          const [note, correction] = [textIn(past.content, "note"), textIn(past.content, "corrected_answer")];
          return (
            <li key={past.id}>
              <p><StatusBadge status={past.decision} /> <span className={styles.faint}>{nameOf(past.decided_by ?? null)}, {exactTime(past.decided_at)} · {t("audit.entry", { sequence: number(past.sequence) })}</span></p>
              {past.content === "erased" && <p className={styles.faint}>{t("audit.entry.erased")}</p>}
              {past.content === "unreadable" && <Callout tone="bad">{t("audit.entry.unreadable")}</Callout>}
              {note && <p className={styles.question}>{note}</p>}
              {correction && <div className={styles.correction}><p className={styles.faint}>{t("oversight.corrected")}</p><Markdown blocks={parseMarkdown(correction)} /></div>}
              {past.incident_id && <p><Link href={`/incidents?id=${past.incident_id}`} prefetch={false}>{t("oversight.incident")}</Link></p>}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** The form, or why there is none. */
function Decide({ turn, asked, onDecided }: { turn: OversightDetail; asked: { decision: Decision } | null; onDecided: () => void }) {
  const { t, number } = useTranslation();
  const user = useUser();
  const [changing, setChanging] = useState(false);
  const [recorded, setRecorded] = useState<number | null>(null);
  useEffect(() => {
    if (asked && turn.decision && turn.may_decide) setChanging(true);
  }, [asked, turn.decision, turn.may_decide]);
  if (!turn.may_decide) {
    return turn.four_eyes && turn.user_id === user.user_id
      ? <Callout tone="note" title={t("oversight.fourEyes")}>{t("oversight.fourEyes.text")}</Callout>
      : <p className={styles.faint}>{t("oversight.readOnly")}</p>;
  }

  return (
    <section className={styles.decide} aria-label={t("oversight.decision")}>
      {recorded !== null && <Callout tone="good" live>{t("oversight.recorded", { sequence: number(recorded) })}</Callout>}
      {turn.decision && !changing
        ? <div><Button small icon="refresh" onClick={() => setChanging(true)}>{t("oversight.change")}</Button></div>
        : (
          <DecisionForm
            key={turn.decision?.id ?? "first"} turn={turn} asked={asked} answer={textIn(turn.content, "answer")} onCancel={turn.decision ? () => setChanging(false) : null} onConflict={onDecided}
            onDecided={sequence => {
              setRecorded(sequence);
              setChanging(false);
              onDecided();
            }}
          />
        )}
    </section>
  );
}
