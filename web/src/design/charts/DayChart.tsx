"use client";

import { useId, useState, type PointerEvent } from "react";
import { useTranslation } from "@/i18n";
import { Patterns, fillOf } from "./Patterns";
import { alone, labelled, lineThrough, round, ticksOf } from "./scale";
import { useWidth } from "./useWidth";
import styles from "./charts.module.css";

export interface Series {
  name: string;
  /** One a day; null: no value that day. */
  values: readonly (number | null)[];
  kind: "bar" | "line";
}

const AXIS = 44;
const BELOW = 22;
const ABOVE = 8;

/**
 * Values by day: bars stand on one another, lines run beside them. Series differ by colour and by pattern or dash. The
 * chart is a picture to screen readers; its numbers are in the table of its figure.
 */
export function DayChart({ label, days, series, format, whole = false, height = 180, top, limit, legend = true }: {
  label: string; days: readonly string[]; series: readonly Series[]; format: (value: number) => string; whole?: boolean; height?: number;
  /** The axis reaches at least here, so that charts beside each other compare. */
  top?: number; limit?: { name: string; value: number }; legend?: boolean;
}) {
  const { day } = useTranslation();
  const id = useId().replace(/\W/g, "");
  const [frame, width] = useWidth<HTMLDivElement>();
  const [pointed, setPointed] = useState<number | null>(null);
  const bars = series.filter(one => one.kind === "bar");
  const lines = series.filter(one => one.kind === "line");
  const sums = days.map((_, index) => bars.reduce((sum, one) => sum + (one.values[index] ?? 0), 0));
  const most = Math.max(0, top ?? 0, ...sums, ...lines.flatMap(one => one.values.map(value => value ?? 0)));
  // A limit far above what was used would press the bars flat: it is said in words then.
  const shownLimit = limit && limit.value <= most * 4 ? limit : undefined;
  const ticks = ticksOf(Math.max(most, shownLimit?.value ?? 0), whole);
  const plot = { width: Math.max(0, width - AXIS), height: height - BELOW - ABOVE };
  const y = (value: number) => ABOVE + plot.height * (1 - value / ticks.at(-1)!);
  const band = plot.width / Math.max(1, days.length);
  const center = (index: number) => AXIS + band * (index + 0.5);
  const barWidth = Math.max(Math.min(band * 0.72, 28), Math.min(band, 1));
  const point = (event: PointerEvent<SVGSVGElement>) => {
    const at = Math.floor((event.clientX - event.currentTarget.getBoundingClientRect().left - AXIS) / band);
    setPointed(at >= 0 && at < days.length ? at : null);
  };
  const shown = pointed !== null && pointed < days.length ? pointed : null;
  return (
    <div ref={frame} className={styles.frame}>
      {width > 0 && (
        <svg role="img" aria-label={label} width={width} height={height} onPointerMove={point} onPointerLeave={() => setPointed(null)}>
          <Patterns id={id} />
          {ticks.map(tick => (
            <g key={tick}>
              <line className={styles.grid} x1={AXIS} x2={width} y1={round(y(tick))} y2={round(y(tick))} />
              <text className={styles.tick} x={AXIS - 8} y={round(y(tick)) + 4} textAnchor="end">{format(tick)}</text>
            </g>
          ))}
          {shown !== null && <rect className={styles.pointed} x={round(AXIS + band * shown)} y={ABOVE} width={round(band)} height={plot.height} />}
          {days.map((name, index) => {
            let below = 0;
            return bars.map((one, order) => {
              const value = one.values[index] ?? 0;
              if (value === 0) return null;
              const from = y(below);
              below += value;
              return <rect key={`${name} ${one.name}`} fill={fillOf(id, order)} className={styles.bar} x={round(center(index) - barWidth / 2)} y={round(y(below))} width={round(barWidth)} height={round(Math.max(0.5, from - y(below)))} />;
            });
          })}
          {lines.map((one, order) => (
            <g key={one.name} className={styles[`line${bars.length + order + 1}`]}>
              <path d={lineThrough(one.values, center, y)} fill="none" />
              {alone(one.values).map(index => <circle key={index} cx={round(center(index))} cy={round(y(one.values[index]!))} r="2.5" />)}
              {shown !== null && one.values[shown] != null && <circle cx={round(center(shown))} cy={round(y(one.values[shown]))} r="3.5" />}
            </g>
          ))}
          {shownLimit && <line className={styles.limit} x1={AXIS} x2={width} y1={round(y(shownLimit.value))} y2={round(y(shownLimit.value))} />}
          {labelled(days.length, plot.width).map(index => (
            <text key={index} className={styles.tick} x={round(Math.min(center(index), width - 22))} y={height - 6} textAnchor="middle">{day(days[index]!, "short")}</text>
          ))}
        </svg>
      )}
      {(legend || shown !== null) && (
        <ul role="list" className={styles.legend} aria-hidden="true">
          {shown !== null && <li className={styles.day}>{day(days[shown]!)}</li>}
          {series.map((one, index) => (
            <li key={one.name}>
              <Swatch id={id} kind={one.kind} order={one.kind === "bar" ? bars.indexOf(one) : index} />
              {one.name}{shown !== null && <strong>{one.values[shown] == null ? "–" : format(one.values[shown])}</strong>}
            </li>
          ))}
          {limit && <li><svg width="16" height="10"><line className={styles.limit} x1="0" x2="16" y1="5" y2="5" /></svg>{limit.name}<strong>{format(limit.value)}</strong></li>}
        </ul>
      )}
    </div>
  );
}

function Swatch({ id, kind, order }: { id: string; kind: Series["kind"]; order: number }) {
  return (
    <svg width="16" height="10">
      {kind === "bar" ? <rect className={styles.bar} width="16" height="10" rx="2" fill={fillOf(id, order)} /> : <g className={styles[`line${order + 1}`]}><path d="M0 5H16" fill="none" /></g>}
    </svg>
  );
}
