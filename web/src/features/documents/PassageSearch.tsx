"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { useId, useMemo, useState } from "react";
import { openPassage, searchPassages } from "@/api/endpoints";
import type { Passage } from "@/api/types";
import { Button, Spinner } from "@/design/controls";
import { Highlighted } from "@/design/Highlighted";
import { Section } from "@/design/Page";
import { fieldErrors, ProblemCallout } from "@/design/ProblemCallout";
import { Badge, Callout, Dialog, Row } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { wordFor } from "@/i18n/events";
import { Markdown } from "@/markdown/Markdown";
import { parseMarkdown } from "@/markdown/parse";
import { findWords } from "./highlight";
import styles from "./Documents.module.css";

/** Searches as a question of the chat would: the organization's documents and the shared knowledge base. */
export function PassageSearch() {
  const { t } = useTranslation();
  const id = useId();
  const [query, setQuery] = useState("");
  const [opened, setOpened] = useState<Passage | null>(null);
  const search = useMutation({ mutationFn: (wanted: string) => searchPassages(wanted) });
  const wrong = fieldErrors(search.error, "query");
  const asked = search.variables ?? "";
  return (
    <Section title={t("documents.search")} text={t("documents.search.text")}>
      <form
        className={styles.search} role="search"
        onSubmit={event => {
          event.preventDefault();
          if (query.trim() !== "" && !search.isPending) search.mutate(query.trim());
        }}
      >
        <label htmlFor={id} className="hidden-visually">{t("documents.search.label")}</label>
        <input
          id={id} type="search" value={query} maxLength={10_000} placeholder={t("documents.search.placeholder")} className={styles.query}
          aria-invalid={wrong.length > 0 || undefined} onChange={event => setQuery(event.target.value)}
        />
        <Button type="submit" icon="search" busy={search.isPending}>{t("documents.search.go")}</Button>
      </form>
      {wrong.length > 0 ? <Callout tone="bad" live>{wrong.join(" ")}</Callout> : <ProblemCallout problem={search.error} />}
      {search.data && (
        <div aria-busy={search.isPending}>
          <p className={styles.faint} role="status">{t(search.data.items.length === 0 ? "documents.search.none" : "documents.search.found", { count: search.data.items.length, query: asked })}</p>
          {search.data.degraded?.map(trouble => <Callout key={trouble.reason} tone="warn"><Trouble reason={trouble.reason} message={trouble.message} /></Callout>)}
          <ol role="list" className={styles.hits}>
            {search.data.items.map(passage => <Hit key={passage.id} passage={passage} query={asked} onOpen={passage.shared ? null : () => setOpened(passage)} />)}
          </ol>
        </div>
      )}
      <Dialog open={opened !== null} side="end" title={opened?.title ?? ""} closeName={t("app.close")} onClose={() => setOpened(null)}>
        {opened && <InDocument key={opened.id} passage={opened} query={asked} />}
      </Dialog>
    </Section>
  );
}

function Trouble({ reason, message }: { reason: string; message: string }) {
  const words = useTranslation();
  return <>{wordFor(words, `documents.degraded.${reason}`, message)}</>;
}

function Hit({ passage, query, onOpen }: { passage: Passage; query: string; onOpen: (() => void) | null }) {
  const { t, number } = useTranslation();
  return (
    <li>
      <article className={styles.hit}>
        <header>
          <h3>{passage.title}</h3>
          <Row>
            {passage.page != null && <Badge>{t("documents.page", { page: number(passage.page) })}</Badge>}
            {passage.shared && <Badge tone="note">{t("chat.source.shared")}</Badge>}
          </Row>
        </header>
        {passage.heading && <p className={styles.faint}>{passage.heading}</p>}
        <PassageText text={passage.text} query={query} />
        {onOpen && <Button small look="quiet" icon="audit" onClick={onOpen}>{t("documents.open")}<span className="hidden-visually">: {passage.title}, {number(passage.position + 1)}</span></Button>}
      </article>
    </li>
  );
}

function PassageText({ text, query }: { text: string; query: string }) {
  const blocks = useMemo(() => parseMarkdown(text), [text]);
  const marks = useMemo(() => findWords(text, query), [text, query]);
  return <div className={styles.passage}><Markdown blocks={blocks} renderText={piece => <Highlighted text={piece.text} start={piece.start} marks={marks} />} /></div>;
}

/** The passage where it stands, with what is around it. */
function InDocument({ passage, query }: { passage: Passage; query: string }) {
  const { t, number } = useTranslation();
  const opened = useQuery({ queryKey: ["passage", passage.document, passage.position], queryFn: ({ signal }) => openPassage(passage.document, passage.position, signal) });
  if (!opened.data) return opened.isPending ? <Spinner /> : <ProblemCallout problem={opened.error} />;
  return (
    <>
      <p className={styles.faint}>{t("documents.passage", { position: number(opened.data.position + 1), total: number(opened.data.passages_total) })}</p>
      {opened.data.items.map((part, index) => (
        <section key={part.position} className={part.quoted ? styles.quoted : styles.around}>
          {part.heading !== opened.data.items[index - 1]?.heading && part.heading && <h3>{part.heading}</h3>}
          {part.page != null && part.page !== opened.data.items[index - 1]?.page && <p className={styles.faint}>{t("documents.page", { page: number(part.page) })}</p>}
          <PassageText text={part.text} query={part.quoted ? query : ""} />
        </section>
      ))}
    </>
  );
}
