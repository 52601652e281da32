"use client";

import { useQuery } from "@tanstack/react-query";
import { listAudit } from "@/api/endpoints";
import type { VerificationReport } from "@/api/types";
import { Icon } from "@/design/Icon";
import { useTranslation } from "@/i18n";
import { blocksOf, placeOfInterest, type ChainBlock } from "./chain";
import { eventName } from "@/i18n/events";
import styles from "./ChainPicture.module.css";

const BLOCKS = 7;
/** Narrow screens show the last three blocks only: the broken one is the third from the end. */
const AFTER_BREAK = 3;

/** The chain as blocks that hold on to each other: its end, or the place where verification found it broken. */
export function ChainPicture({ report, verifying }: { report?: VerificationReport; verifying: boolean }) {
  const { t } = useTranslation();
  const place = placeOfInterest(report);
  const { data } = useQuery({
    queryKey: ["audit", "chain", place],
    queryFn: ({ signal }) => listAudit({}, place === null ? null : String(place + AFTER_BREAK), BLOCKS, signal),
  });
  const blocks = blocksOf(data?.items ?? [], report);
  if (blocks.length === 0) return null;
  return (
    <figure className={styles.figure} data-verifying={verifying || undefined}>
      <figcaption className="hidden-visually">{t(place === null ? "audit.chain" : "audit.chain.break")}</figcaption>
      <ol role="list" className={styles.chain}>
        {blocks[0]!.sequence > 1 && <li className={styles.earlier} aria-hidden="true">…</li>}
        {blocks.map((block, index) => <Block key={block.sequence} block={block} first={index === 0} report={report} />)}
      </ol>
    </figure>
  );
}

function Block({ block, first, report }: { block: ChainBlock; first: boolean; report?: VerificationReport }) {
  const words = useTranslation();
  const { t, number } = words;
  const bad = block.item === null || block.verdicts.length > 0;
  const checked = report !== undefined && !bad && block.sequence <= report.head.sequence && (placeOfInterest(report) ?? Infinity) > block.sequence;
  const name = block.item ? eventName(words, block.item.event_type) : t("audit.chain.missing");
  return (
    <>
      {!first && <li className={`${styles.link} ${block.linked ? "" : styles.broken}`} aria-hidden="true"><Icon name={block.linked ? "link" : "close"} size={14} /></li>}
      <li className={`${styles.block} ${bad ? styles.bad : checked ? styles.good : ""} ${block.item ? "" : styles.missing}`} aria-label={t("audit.chain.block", { sequence: number(block.sequence), event: name })}>
        <span className={styles.number}>{number(block.sequence)}{checked && <Icon name="check" size={13} />}{bad && <Icon name="alert" size={13} />}</span>
        <span className={styles.event}>{name}</span>
        <code>{block.item ? block.item.entry_hash.slice(0, 8) : "––––––––"}</code>
        {bad && <span className={styles.here}>{t("audit.broken.here")}</span>}
      </li>
    </>
  );
}
