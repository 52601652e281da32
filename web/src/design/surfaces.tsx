"use client";

import { useEffect, useId, useRef, type ReactNode } from "react";
import { IconButton } from "./controls";
import { Icon, type IconName } from "./Icon";
import styles from "./surfaces.module.css";

export type Tone = "good" | "warn" | "bad" | "note";

const toneIcons: Record<Tone, IconName> = { good: "check", warn: "alert", bad: "alert", note: "info" };

export function Badge({ tone, icon, title, children }: { tone?: Tone; icon?: IconName; title?: string; children: ReactNode }) {
  return <span className={`${styles.badge} ${tone ? styles[tone] : ""}`} title={title}>{icon && <Icon name={icon} size={12} />}{children}</span>;
}

/** A message in the page. One that comes after the page has been read (`live`) is announced. */
export function Callout({ tone, title, live, actions, children }: { tone: Tone; title?: string; live?: boolean; actions?: ReactNode; children?: ReactNode }) {
  return (
    <div className={`${styles.callout} ${styles[tone]}`} role={live ? (tone === "bad" ? "alert" : "status") : undefined}>
      <Icon name={toneIcons[tone]} />
      <div>
        {title && <strong>{title}</strong>}
        {children}
        {actions && <div className={`${styles.row} ${styles.calloutActions}`}>{actions}</div>}
      </div>
    </div>
  );
}

export function Card({ children, className = "" }: { children: ReactNode; className?: string }) {
  return <section className={`${styles.card} ${className}`}>{children}</section>;
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return <div className={styles.empty}><h2>{title}</h2>{children}</div>;
}

export const Row = ({ children }: { children: ReactNode }) => <div className={styles.row}>{children}</div>;
export const Stack = ({ children }: { children: ReactNode }) => <div className={styles.stack}>{children}</div>;
export const Actions = ({ children }: { children: ReactNode }) => <div className={styles.actions}>{children}</div>;

/** The browser's own modal dialog: it keeps the focus, gives it back, and closes by Escape. */
export function Dialog({ open, title, closeName, onClose, side, children }: {
  open: boolean; title: string; closeName: string; onClose: () => void; side?: "start" | "end"; children: ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    // A click beside the dialog closes it; the keyboard's way is Escape, which the browser itself does.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <dialog
      ref={dialog} aria-labelledby={id} onClose={onClose}
      className={`${styles.dialog} ${side ? styles.drawer : ""} ${side === "start" ? styles.drawerStart : ""}`}
      onClick={event => event.target === dialog.current && onClose()}
    >
      {open && (
        <>
          <div className={styles.dialogHead}>
            <h2 id={id}>{title}</h2>
            <IconButton name={closeName} icon="close" small onClick={onClose} />
          </div>
          <div className={styles.dialogBody}>{children}</div>
        </>
      )}
    </dialog>
  );
}
