import type { ReactNode } from "react";
import styles from "./Table.module.css";

export interface Column {
  name: ReactNode;
  /** Numbers stand flush at their end. */
  numeric?: boolean;
  /** For screen readers alone, where the cells speak for themselves. */
  hidden?: boolean;
}

/** A table in a frame that scrolls by itself where the page is narrow, by keyboard too. Rows are `<tr>`s with plain cells. */
export function Table({ label, columns, children }: { label: string; columns: readonly Column[]; children: ReactNode }) {
  return (
    <div className={styles.frame} tabIndex={0} role="group" aria-label={label}>
      <table className={styles.table}>
        <thead>
          <tr>{columns.map((column, index) => <th key={index} scope="col" className={column.numeric ? styles.numeric : undefined}>{column.hidden ? <span className="hidden-visually">{column.name}</span> : column.name}</th>)}</tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

export const Num = ({ children }: { children: ReactNode }) => <td className={styles.numeric}>{children}</td>;
