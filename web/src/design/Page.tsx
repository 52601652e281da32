import type { ReactNode } from "react";
import styles from "./Page.module.css";

/** A page's frame: its name, a sentence on what it is for, and what can be done on it. */
export function Page({ title, text, back, actions, children }: { title: string; text?: ReactNode; back?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <div>
          {back}
          <h1>{title}</h1>
          {text && <p>{text}</p>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** A card with a heading of its own, for pages made of several. */
export function Section({ title, text, actions, children }: { title: string; text?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className={styles.section}>
      <header>
        <div>
          <h2>{title}</h2>
          {text && <p>{text}</p>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </section>
  );
}
