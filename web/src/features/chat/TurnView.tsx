"use client";

import { memo, useCallback, useEffect, useId, useMemo, useRef, useState } from "react";
import type { Correction } from "@/api/types";
import { Button, IconButton, IconLink, Spinner } from "@/design/controls";
import { CopyButton } from "@/design/CopyButton";
import { ProblemCallout } from "@/design/ProblemCallout";
import { Callout } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { Markdown } from "@/markdown/Markdown";
import { GrowingMarkdown, parseMarkdown, type Text } from "@/markdown/parse";
import type { Turn } from "./conversation";
import { Flags } from "./Flags";
import { MarkedText } from "./MarkedText";
import { citationsOf, marksOfAnswer, marksOfMessage } from "./marks";
import { Assessment } from "./Assessment";
import { ReceiptView } from "./ReceiptView";
import { Sources, type OpenSource } from "./Sources";
import styles from "./TurnView.module.css";

/** A question and its answer, with all that the checks found in either. */
export const TurnView = memo(function TurnView({ turn, onAgain }: { turn: Turn; onAgain?: () => void }) {
  const { t } = useTranslation();
  const id = useId();
  const running = turn.state === "waiting" || turn.state === "answering";
  const gone = turn.state === "erased" || turn.state === "unreadable";
  const [opened, setOpened] = useState<OpenSource | null>(null);
  const messageMarks = useMemo(() => turn.compliance ? marksOfMessage(turn.compliance) : [], [turn.compliance]);
  return (
    <article className={styles.turn} aria-labelledby={`${id}-you`}>
      <div className={styles.question}>
        <h2 id={`${id}-you`} className="hidden-visually">{t("chat.you")}</h2>
        {gone
          ? <p className={styles.faint}>{t(turn.state === "erased" ? "chat.erased" : "chat.unreadable")}</p>
          : <p className={styles.message}><MarkedText text={turn.message} start={0} marks={messageMarks} /></p>}
        {turn.compliance && <Flags report={turn.compliance} of="message" />}
      </div>
      {!gone && (
        <div className={styles.answer} aria-busy={running}>
          <h3 className="hidden-visually">{t("chat.assistant")}</h3>
          {turn.state === "waiting" && <p className={styles.waiting}><Spinner />{t("chat.waiting")}</p>}
          {turn.answer !== "" && <Answer turn={turn} onCite={(source, sentence) => setOpened({ source, sentence, times: (opened?.times ?? 0) + 1 })} />}
          <Announcer turn={turn} />
          {turn.state === "running" && <p className={styles.faint}>{t("chat.running")}</p>}
          {turn.state === "stopped" && <Callout tone="note">{t("chat.stopped")}</Callout>}
          {turn.state === "cut" && <Callout tone="warn" live>{t("chat.cut")}</Callout>}
          {turn.problem && <ProblemCallout problem={turn.problem} />}
          {turn.compliance && <Flags report={turn.compliance} of="answer" />}
          {!running && <Assessment turn={turn} />}
          {turn.correction && <CorrectedAnswer correction={turn.correction} />}
          {turn.sources.length > 0 && !running && <Sources sources={turn.sources} compliance={turn.compliance} opened={opened} />}
          {!running && (
            <div className={styles.foot}>
              {turn.receipt ? <ReceiptView receipt={turn.receipt} /> : <span />}
              <div className={styles.tools}>
                {turn.receipt && turn.state !== "waiting" && (
                  <IconLink name={t("chat.report")} icon="flag" small href={`/incidents?report=${turn.receipt.id}`} prefetch={false} />
                )}
                {turn.answer !== "" && <CopyButton name={t("chat.copy")} text={turn.answer} />}
                {onAgain && (turn.state === "failed" || turn.state === "cut"
                  ? <Button small icon="refresh" onClick={onAgain}>{t("app.retry")}</Button>
                  : <IconButton name={t("chat.regenerate")} icon="refresh" small onClick={onAgain} />)}
              </div>
            </div>
          )}
        </div>
      )}
    </article>
  );
});

/** What a person who reviewed the answer put in its place; the answer itself stays as it was given. */
function CorrectedAnswer({ correction }: { correction: Correction }) {
  const { t, time } = useTranslation();
  const blocks = useMemo(() => parseMarkdown(correction.answer), [correction.answer]);
  return (
    <Callout tone="note" title={t("chat.correction")}>
      <span className={styles.faint}>{t("chat.correction.text", { time: time(correction.decided_at) })}</span>
      <div className={styles.prose}><Markdown blocks={blocks} /></div>
    </Callout>
  );
}

function Answer({ turn, onCite }: { turn: Turn; onCite: (source: number, sentence: string) => void }) {
  const growing = useRef<GrowingMarkdown>(null);
  growing.current ??= new GrowingMarkdown();
  const parser = growing.current;
  const blocks = useMemo(() => parser.update(turn.answer), [parser, turn.answer]);
  const citations = useMemo(() => turn.compliance ? citationsOf(turn.answer, turn.compliance, turn.sources.map(source => source.id)) : [], [turn]);
  const marks = useMemo(() => turn.compliance ? marksOfAnswer(turn.compliance, citations.filter(citation => citation.from !== undefined)) : null, [turn.compliance, citations]);
  const cite = useRef(onCite);
  cite.current = onCite;
  const renderText = useCallback((piece: Text) => (
    <MarkedText
      text={piece.text} start={piece.start} marks={marks ?? []} citations={citations}
      onCite={citation => cite.current(citation.source, turn.answer.slice(citation.sentence.start, citation.sentence.end))}
    />
  ), [marks, citations, turn.answer]);
  // While it grows nothing is marked, so that finished blocks stay as they are.
  return <div className={styles.prose}><Markdown blocks={blocks} renderText={marks ? renderText : undefined} /></div>;
}

/** Says the answer to a screen reader in whole sentences, a few at a time: token by token nobody could follow. */
function Announcer({ turn }: { turn: Turn }) {
  const { t } = useTranslation();
  const [words, setWords] = useState("");
  const said = useRef(turn.state === "waiting" ? 0 : turn.answer.length);
  const latest = useRef(turn);
  latest.current = turn;
  const running = turn.state === "waiting" || turn.state === "answering";
  useEffect(() => {
    if (!running) return;
    const speak = () => {
      const { answer } = latest.current;
      const end = Math.max(answer.lastIndexOf(". "), answer.lastIndexOf("\n"), answer.lastIndexOf("? "), answer.lastIndexOf("! ")) + 1;
      if (end <= said.current) return;
      setWords(plain(answer.slice(said.current, end)));
      said.current = end;
    };
    const timer = setInterval(speak, 2_000);
    return () => {
      clearInterval(timer);
      const { answer, state } = latest.current;
      setWords(`${plain(answer.slice(said.current))} ${state === "done" ? t("chat.answered") : ""}`);
      said.current = answer.length;
    };
  }, [running, t]);
  return <div className="hidden-visually" aria-live="polite">{words}</div>;
}

const plain = (markdown: string) => markdown.replace(/[*_`#>|]/g, "").trim();
