import { Fragment, type ReactNode } from "react";
import styles from "./surfaces.module.css";

/** A piece of a text with parts of it marked. `start` is where the piece begins in the whole; marks do not overlap. */
export function Highlighted({ text, start = 0, marks }: { text: string; start?: number; marks: readonly { start: number; end: number }[] }): ReactNode {
  const parts: ReactNode[] = [];
  let shown = 0;
  for (const mark of marks) {
    const [from, to] = [Math.max(shown, mark.start - start), Math.min(text.length, mark.end - start)];
    if (from >= to) continue;
    parts.push(<Fragment key={from}>{text.slice(shown, from)}<mark className={styles.highlight}>{text.slice(from, to)}</mark></Fragment>);
    shown = to;
  }

  return <>{parts}{text.slice(shown)}</>;
}
