import styles from "./Brand.module.css";

export function Brand() {
  return (
    <span className={styles.brand}>
      <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
        <rect width="32" height="32" rx="8" className={styles.ground} />
        <path d="M16 6.5 24 9.5v6.3c0 4.7-3.2 8.2-8 10.2-4.8-2-8-5.5-8-10.2V9.5l8-3Z" />
        <path d="m12.5 16 2.6 2.6 4.6-5" />
      </svg>
      LexCustis
    </span>
  );
}
