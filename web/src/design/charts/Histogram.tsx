"use client";

import { labelled, round, ticksOf } from "./scale";
import { useWidth } from "./useWidth";
import styles from "./charts.module.css";

const AXIS = 44;
const BELOW = 22;
const ABOVE = 8;

/** How many values lie in each tenth from 0 to 1; a mark may stand at a threshold. */
export function Histogram({ label, bins, format, percent, threshold, height = 180 }: {
  label: string; bins: readonly number[]; format: (count: number) => string; percent: (share: number) => string; threshold?: { value: number; name: string }; height?: number;
}) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const ticks = ticksOf(Math.max(0, ...bins), true);
  const plot = { width: Math.max(0, width - AXIS - 14), height: height - BELOW - ABOVE };
  const y = (value: number) => ABOVE + plot.height * (1 - value / ticks.at(-1)!);
  const x = (share: number) => AXIS + plot.width * share;
  const band = plot.width / bins.length;
  return (
    <div ref={frame} className={styles.frame}>
      {width > 0 && (
        <svg role="img" aria-label={label} width={width} height={height}>
          {ticks.map(tick => (
            <g key={tick}>
              <line className={styles.grid} x1={AXIS} x2={width} y1={round(y(tick))} y2={round(y(tick))} />
              <text className={styles.tick} x={AXIS - 8} y={round(y(tick)) + 4} textAnchor="end">{format(tick)}</text>
            </g>
          ))}
          {bins.map((count, index) => count > 0 && (
            <rect key={index} className={styles.bar} fill="var(--chart-1)" x={round(x(index / bins.length) + 2)} y={round(y(count))} width={round(Math.max(1, band - 4))} height={round(y(0) - y(count))}>
              <title>{format(count)}</title>
            </rect>
          ))}
          {threshold && <line className={styles.limit} x1={round(x(threshold.value))} x2={round(x(threshold.value))} y1={ABOVE} y2={ABOVE + plot.height} />}
          {labelled(bins.length + 1, plot.width, 48).map(edge => (
            <text key={edge} className={styles.tick} x={round(x(edge / bins.length))} y={height - 6} textAnchor="middle">{percent(edge / bins.length)}</text>
          ))}
        </svg>
      )}
      {threshold && <ul role="list" className={styles.legend} aria-hidden="true"><li><svg width="10" height="12"><line className={styles.limit} x1="5" x2="5" y1="0" y2="12" /></svg>{threshold.name}<strong>{percent(threshold.value)}</strong></li></ul>}
    </div>
  );
}
