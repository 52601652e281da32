import styles from "./Progress.module.css";

/** How far something is; without a value, that it goes on. `text` says it in words, beside the bar. */
export function Progress({ label, value, max, text }: { label: string; value?: number; max?: number; text?: string }) {
  return (
    <div className={styles.progress}>
      <progress aria-label={label} value={value} max={max} />
      {text && <span>{text}</span>}
    </div>
  );
}
