import styles from "./charts.module.css";

/** Fills that differ without their colour too: plain, striped, dotted, crossed. */
export function Patterns({ id }: { id: string }) {
  return (
    <defs>
      <pattern id={`${id}-2`} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect className={styles.ground} width="6" height="6" /><rect className={styles.fill2} width="3.6" height="6" />
      </pattern>
      <pattern id={`${id}-3`} width="5" height="5" patternUnits="userSpaceOnUse">
        <rect className={styles.ground} width="5" height="5" /><circle className={styles.fill3} cx="2.5" cy="2.5" r="1.9" />
      </pattern>
      <pattern id={`${id}-4`} width="6" height="6" patternUnits="userSpaceOnUse">
        <rect className={styles.ground} width="6" height="6" /><rect className={styles.fill4} width="6" height="2.2" /><rect className={styles.fill4} width="2.2" height="6" />
      </pattern>
    </defs>
  );
}

export const fillOf = (id: string, order: number): string => order === 0 ? "var(--chart-1)" : `url(#${id}-${Math.min(order + 1, 4)})`;
