"use client";

import { Fragment, type ReactNode } from "react";
import { useTranslation } from "@/i18n";
import { useFindingNames } from "./findingNames";
import { segments, type Citation, type Mark } from "./marks";
import styles from "./MarkedText.module.css";

/** Text with what the checks found in it underlined, and numbers that lead to the sources. Colour is never the only sign. */
export function MarkedText({ text, start, marks, citations, onCite }: {
  text: string; start: number; marks: readonly Mark[]; citations?: readonly Citation[]; onCite?: (citation: Citation) => void;
}): ReactNode {
  const { t, percent } = useTranslation();
  const nameOf = useFindingNames();
  if (marks.length === 0 && !citations?.length) return text;

  const describe = (mark: Mark) => mark.kind === "weak" ? t("chat.weak.title", { percent: percent(mark.sentence!.score) })
    : mark.kind === "unsupported" ? t("chat.unsupported.title")
    : t("chat.flag.title", { kind: nameOf(mark.finding!), percent: percent(mark.finding!.confidence) });
  return segments(text, start, marks, citations).map(segment => {
    const strongest = segment.marks.find(mark => mark.kind !== "weak") ?? segment.marks[0];
    const written = segment.citations.some(citation => citation.from === segment.start);
    const weakEnd = segment.marks.find(mark => mark.kind === "weak" && mark.end === segment.start + segment.text.length);
    return (
      <Fragment key={segment.start}>
        {written ? null : strongest
          ? <mark className={segment.marks.map(mark => styles[mark.kind]).join(" ")} title={segment.marks.map(describe).join("\n")}>{segment.text}</mark>
          : segment.text}
        {weakEnd && <span className="hidden-visually"> ({t("chat.weak")})</span>}
        {segment.citations.map(citation => (
          <button key={citation.source} type="button" className={styles.citation} aria-label={t("chat.source.open", { number: citation.source + 1, title: "" }).replace(/:\s*$/, "")} onClick={() => onCite?.(citation)}>
            {citation.source + 1}
          </button>
        ))}
      </Fragment>
    );
  });
}
