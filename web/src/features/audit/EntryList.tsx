"use client";

import { memo, useEffect, useRef, useState, type KeyboardEvent } from "react";
import type { AuditItem } from "@/api/types";
import { Spinner } from "@/design/controls";
import { Badge } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { eventName, flagName, flagsOf } from "@/i18n/events";
import { useWindow } from "./useWindow";
import styles from "./EntryList.module.css";

const ROW = 40;
const NARROW_ROW = 60;

/**
 * The log as a list of any length, of which only the rows in view exist. The list itself has the keyboard's focus and
 * says which row is the active one, so that rows may come and go.
 */
export function EntryList({ items, nameOf, onOpen, onNearEnd, loadingMore }: {
  items: AuditItem[]; nameOf: (id: string | null | undefined) => string; onOpen: (item: AuditItem) => void; onNearEnd: () => void; loadingMore: boolean;
}) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const narrow = useNarrow();
  const height = narrow ? NARROW_ROW : ROW;
  const { first, last } = useWindow(scroller, items.length, height);
  const [active, setActive] = useState(0);
  useEffect(() => {
    if (last >= items.length - 40) onNearEnd();
  });

  const move = (to: number) => {
    const next = Math.max(0, Math.min(items.length - 1, to));
    setActive(next);
    const list = scroller.current!;
    if (next * height < list.scrollTop) list.scrollTop = next * height;
    else if ((next + 1) * height > list.scrollTop + list.clientHeight) list.scrollTop = (next + 1) * height - list.clientHeight;
  };
  const page = () => Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / height) - 1);
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, () => number> = {
      ArrowDown: () => active + 1, ArrowUp: () => active - 1, j: () => active + 1, k: () => active - 1,
      PageDown: () => active + page(), PageUp: () => active - page(), Home: () => 0, End: () => items.length - 1,
    };
    const to = moves[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (to) move(to());
    else if (event.key === "Enter" || event.key === " ") {
      const item = items[active];
      if (item) onOpen(item);
    } else return;
    event.preventDefault();
  };
  return (
    <div className={styles.frame}>
      <div className={styles.head} aria-hidden="true">
        <span>{t("audit.column.sequence")}</span><span>{t("audit.column.time")}</span><span>{t("audit.column.event")}</span>
        <span>{t("audit.column.who")}</span><span>{t("audit.column.flags")}</span><span>{t("audit.column.hash")}</span>
      </div>
      <p id="audit-keys" className="hidden-visually">{t("audit.list.keys")}</p>
      <div
        ref={scroller} className={styles.scroller} role="listbox" tabIndex={0} aria-label={t("audit.list")} aria-describedby="audit-keys"
        aria-activedescendant={active >= first && active < last ? `audit-${items[active]?.sequence}` : undefined} onKeyDown={onKeyDown}
      >
        <div role="presentation" className={styles.canvas} style={{ height: items.length * height }}>
          {items.slice(first, last).map((item, index) => (
            <Row
              key={item.id} item={item} who={nameOf(item.user_id)} top={(first + index) * height} position={first + index} active={first + index === active}
              onOpen={position => {
                setActive(position);
                onOpen(item);
              }}
            />
          ))}
        </div>
        {loadingMore && <div className={styles.more}><Spinner /></div>}
      </div>
    </div>
  );
}

const Row = memo(function Row({ item, who, top, position, active, onOpen }: {
  item: AuditItem; who: string; top: number; position: number; active: boolean; onOpen: (position: number) => void;
}) {
  const words = useTranslation();
  const { number, exactTime } = words;
  return (
    // The listbox around it has the focus and the keys (aria-activedescendant).
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      id={`audit-${item.sequence}`} role="option" aria-selected={active} aria-posinset={position + 1} aria-setsize={-1}
      className={styles.row} style={{ transform: `translateY(${top}px)` }} onClick={() => onOpen(position)}
    >
      <span className={styles.sequence}>{number(item.sequence)}</span>
      <span className={styles.time}>{exactTime(item.created_at)}</span>
      <span className={styles.event}>{eventName(words, item.event_type)}</span>
      <span className={styles.who}>{who}</span>
      <span className={styles.flags}>{flagsOf(item).map(flag => <Badge key={flag} tone="warn">{flagName(words, flag)}</Badge>)}</span>
      <code className={styles.hash}>{item.entry_hash.slice(0, 12)}</code>
    </div>
  );
}, (before, after) => before.item === after.item && before.who === after.who && before.top === after.top && before.active === after.active);

function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(false);
  useEffect(() => {
    const query = matchMedia("(max-width: 760px)");
    const look = () => setNarrow(query.matches);
    look();
    query.addEventListener("change", look);
    return () => query.removeEventListener("change", look);
  }, []);
  return narrow;
}
