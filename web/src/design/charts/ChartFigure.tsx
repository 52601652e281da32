"use client";

import { useState, type ReactNode } from "react";
import { Icon } from "@/design/Icon";
import { Num, Table } from "@/design/Table";
import { useTranslation } from "@/i18n";
import styles from "./charts.module.css";

export interface ChartTable {
  columns: readonly string[];
  /** The row's name, then a value a column; null: none. */
  rows: readonly (readonly [name: string, ...values: (string | null)[]])[];
}

/** A chart with its name, what it says in a sentence, and all of its numbers as a table for those who want or need these. */
export function ChartFigure({ title, text, table, children }: { title: string; text: string; table: ChartTable; children: ReactNode }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <figure className={styles.figure}>
      <figcaption>
        <h2>{title}</h2>
        <p>{text}</p>
      </figcaption>
      {children}
      <details className={styles.numbers} onToggle={event => setOpen(event.currentTarget.open)}>
        <summary aria-label={`${t("chart.table")}: ${title}`}><Icon name="table" size={14} />{t("chart.table")}</summary>
        {open && (
          <div className={styles.table}>
            <Table label={title} columns={table.columns.map((name, index) => ({ name, numeric: index > 0 }))}>
              {table.rows.map(([name, ...values]) => <tr key={name}><th scope="row">{name}</th>{values.map((value, index) => <Num key={index}>{value ?? "–"}</Num>)}</tr>)}
            </Table>
          </div>
        )}
      </details>
    </figure>
  );
}
