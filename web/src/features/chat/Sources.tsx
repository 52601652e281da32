"use client";

import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import type { ComplianceReport, Passage } from "@/api/types";
import { Icon } from "@/design/Icon";
import { Badge } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { Markdown } from "@/markdown/Markdown";
import { parseMarkdown, type Text } from "@/markdown/parse";
import { findQuotes } from "./marks";
import styles from "./Sources.module.css";

/** A source that a citation asked for; `times` makes a second click count. */
export interface OpenSource {
  source: number;
  sentence: string;
  times: number;
}

/** The passages that the answer rests on, each to be opened; a citation opens its own at the words that it quotes. */
export function Sources({ sources, compliance, opened }: { sources: Passage[]; compliance?: ComplianceReport; opened: OpenSource | null }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (opened) setShown(true);
  }, [opened]);
  return (
    <details className={styles.sources} open={shown} onToggle={event => setShown(event.currentTarget.open)}>
      <summary><Icon name="chevron" />{t("chat.sources", { count: sources.length })}</summary>
      <ol role="list">
        {sources.map((source, index) => (
          <SourceView
            key={source.id} source={source} number={index + 1} asked={opened?.source === index ? opened : null}
            injected={compliance?.injection.sources.some(finding => finding.source === source.id) ?? false}
          />
        ))}
      </ol>
    </details>
  );
}

function SourceView({ source, number, asked, injected }: { source: Passage; number: number; asked: OpenSource | null; injected: boolean }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  const item = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    if (asked) setShown(true);
  }, [asked]);
  useEffect(() => {
    if (!asked || !shown) return;
    const quote = item.current?.querySelector("[data-quote]");
    (quote ?? item.current)?.scrollIntoView({ block: "center", behavior: "smooth" });
    item.current?.querySelector("summary")?.focus({ preventScroll: true });
  }, [asked, shown]);

  const blocks = useMemo(() => parseMarkdown(source.text), [source.text]);
  const quotes = useMemo(() => asked ? findQuotes(source.text, asked.sentence) : [], [asked, source.text]);
  const renderText = useMemo(() => quotes.length > 0 ? (piece: Text) => {
    const parts: ReactNode[] = [];
    let shownTo = 0;
    for (const { start, end } of quotes) {
      const [from, to] = [Math.max(shownTo, start - piece.start), Math.min(piece.text.length, end - piece.start)];
      if (from >= to) continue;
      parts.push(piece.text.slice(shownTo, from), <mark key={from} data-quote className={styles.quote}>{piece.text.slice(from, to)}</mark>);
      shownTo = to;
    }

    return <>{parts}{piece.text.slice(shownTo)}</>;
  } : undefined, [quotes]);
  return (
    <li>
      <details ref={item} className={styles.source} open={shown} onToggle={event => setShown(event.currentTarget.open)}>
        <summary>
          <span className={styles.number}>{number}</span>
          <span className={styles.title}>
            <span>{source.title}</span>
            {source.heading && <span className={styles.heading}>{source.heading}</span>}
          </span>
          {injected && <Badge tone="bad" icon="alert" title={t("chat.source.injection")}><span className="hidden-visually">{t("chat.source.injection")}</span></Badge>}
          <span className={styles.origin}>{source.shared ? t("chat.source.shared") : t("chat.source.own")}</span>
        </summary>
        {shown && <div className={styles.text}><Markdown blocks={blocks} renderText={renderText} /></div>}
      </details>
    </li>
  );
}
