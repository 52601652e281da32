"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { getAuditEntry } from "@/api/endpoints";
import type { AuditItem } from "@/api/types";
import { sourcesIn } from "@/api/unknown";
import { Button, ButtonLink, Spinner } from "@/design/controls";
import { CopyButton } from "@/design/CopyButton";
import { ProblemCallout } from "@/design/ProblemCallout";
import { Badge, Callout, Row } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { Markdown } from "@/markdown/Markdown";
import { parseMarkdown } from "@/markdown/parse";
import { useUser } from "@/session/useSession";
import { ProofView } from "./ProofView";
import { eventName, flagName, flagsOf } from "@/i18n/events";
import styles from "./EntryView.module.css";

/** One entry. Its facts are open; what a person typed is shown only when asked for, because reading it is recorded. */
export function EntryView({ item, nameOf, read }: { item: AuditItem; nameOf: (id: string | null | undefined) => string; read?: boolean }) {
  const words = useTranslation();
  const { t, exactTime } = words;
  const [asked, setAsked] = useState(read || !item.has_content);
  const entry = useQuery({ queryKey: ["audit-entry", item.id], queryFn: ({ signal }) => getAuditEntry(item.id, signal), enabled: asked, staleTime: Infinity, gcTime: 0 });
  const facts = Object.entries(item.data ?? {}).filter(([name]) => name !== "flags");
  const mayReport = useUser().user_role !== "auditor";
  return (
    <>
      <div className={styles.summary}>
        <strong>{eventName(words, item.event_type)}</strong>
        <span>{exactTime(item.created_at)} · {nameOf(item.user_id)}</span>
        <Row>
          <Badge><code>{item.event_type}</code></Badge>{flagsOf(item).map(flag => <Badge key={flag} tone="warn">{flagName(words, flag)}</Badge>)}
          {mayReport && <ButtonLink look="quiet" small icon="flag" href={`/incidents?report=${item.id}`} prefetch={false}>{t("audit.entry.report")}</ButtonLink>}
        </Row>
      </div>

      {item.has_content && (
        <section className={styles.section}>
          <h3>{t("audit.entry.content")}</h3>
          {!asked && (
            <Callout tone="note" actions={<Button small onClick={() => setAsked(true)}>{t("audit.entry.read")}</Button>}>{t("audit.entry.read.text")}</Callout>
          )}
          {asked && entry.isPending && <Spinner />}
          {entry.data?.content === "erased" && <Callout tone="note">{t("audit.entry.erased")}</Callout>}
          {entry.data?.content === "unreadable" && <Callout tone="bad">{t("audit.entry.unreadable")}</Callout>}
          {entry.data?.content && typeof entry.data.content === "object" && <Content content={entry.data.content} />}
        </section>
      )}
      <ProblemCallout problem={entry.error} />

      <section className={styles.section}>
        <h3>{t("audit.entry.facts")}</h3>
        {facts.length === 0 ? <p className={styles.faint}>{t("audit.entry.noFacts")}</p> : (
          <dl className={styles.facts}>{facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{factText(value)}</dd></div>)}</dl>
        )}
      </section>

      <section className={styles.section}>
        <h3>{t("audit.entry.proof")}</h3>
        <Hash name={t("audit.entry.hash")} value={item.entry_hash} />
        {entry.data && <Hash name={t("audit.entry.previous")} value={entry.data.previous_hash} />}
        {entry.data && (
          <details>
            <summary>{t("audit.entry.body")}</summary>
            <pre className={styles.body} tabIndex={0}>{entry.data.body}</pre>
          </details>
        )}
        <ProofView item={item} />
      </section>
    </>
  );
}

/** The entry of an id alone, as links from elsewhere have it. Nothing is asked of the server before its reader agrees. */
export function EntryOfId({ id, nameOf }: { id: string; nameOf: (id: string | null | undefined) => string }) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState(false);
  const entry = useQuery({ queryKey: ["audit-entry", id], queryFn: ({ signal }) => getAuditEntry(id, signal), enabled: asked, staleTime: Infinity, gcTime: 0 });
  if (!asked) return <Callout tone="note" actions={<Button small onClick={() => setAsked(true)}>{t("audit.entry.show")}</Button>}>{t("audit.entry.show.text")}</Callout>;
  if (entry.data) return <EntryView item={{ ...entry.data, has_content: entry.data.content !== null }} nameOf={nameOf} read />;
  return entry.isPending ? <Spinner /> : <ProblemCallout problem={entry.error} />;
}

function Content({ content }: { content: Record<string, unknown> }) {
  const { t } = useTranslation();
  const answer = typeof content.answer === "string" ? content.answer : "";
  const blocks = useMemo(() => parseMarkdown(answer), [answer]);
  const sources = sourcesIn(content);
  if (typeof content.message !== "string") {
    return (
      <div className={styles.content}>
        <p className={styles.faint}>{t("audit.entry.read.done")}</p>
        <dl className={styles.facts}>{Object.entries(content).map(([name, value]) => <div key={name}><dt>{name}</dt><dd className={styles.question}>{factText(value)}</dd></div>)}</dl>
      </div>
    );
  }

  return (
    <div className={styles.content}>
      <p className={styles.faint}>{t("audit.entry.read.done")}</p>
      <h4>{t("audit.entry.question")}</h4>
      <p className={styles.question}>{content.message}</p>
      <h4>{t("audit.entry.answer")}</h4>
      <Markdown blocks={blocks} />
      {sources.length > 0 && (
        <>
          <h4>{t("audit.entry.sources")}</h4>
          <ul>{sources.map(source => <li key={source.id}>{source.title}{source.heading && ` › ${source.heading}`}</li>)}</ul>
        </>
      )}
    </div>
  );
}

function Hash({ name, value }: { name: string; value: string }) {
  const { t } = useTranslation();
  return (
    <div className={styles.hash}>
      <span>{name}</span>
      <code>{value}</code>
      <CopyButton name={`${t("app.copy")}: ${name}`} text={value} />
    </div>
  );
}

/** A fact as text: lists by commas, counts by name, anything else as it is. */
export function factText(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "–" : value.map(factText).join(", ");
  if (value !== null && typeof value === "object") {
    const parts = Object.entries(value).map(([name, part]) => `${name}: ${factText(part)}`);
    return parts.length === 0 ? "–" : parts.join(", ");
  }

  return value === null || value === undefined || value === "" ? "–" : typeof value === "string" ? value : JSON.stringify(value);
}
