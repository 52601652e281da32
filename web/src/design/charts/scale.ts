/** Values of an axis from zero: few, round, evenly spaced, the last at or above `max`. Counts get whole numbers. */
export function ticksOf(max: number, whole: boolean, most = 4): number[] {
  if (!(max > 0)) return whole ? [0, 1] : [0, 0.5, 1];
  const rough = max / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const nice = [1, 2, 2.5, 5, 10].map(factor => factor * power).find(step => step >= rough - power * 1e-9 && (!whole || Number.isInteger(step))) ?? 10 * power;
  const step = whole ? Math.max(1, Math.ceil(nice)) : nice;
  const ticks = [0];
  while (ticks.at(-1)! < max - step * 1e-9) ticks.push(Number((ticks.length * step).toPrecision(12)));
  return ticks;
}

/** Which of `count` places along `width` get a label of about `room` pixels: evenly spaced, the last one always. */
export function labelled(count: number, width: number, room = 64): number[] {
  if (count === 0) return [];
  const every = Math.max(1, Math.ceil(count / Math.max(1, Math.floor(width / room))));
  const places: number[] = [];
  for (let place = count - 1; place >= 0; place -= every) places.unshift(place);
  return places;
}

/** A line through the values, lifted where there is none: the `d` of an SVG path. */
export function lineThrough(values: readonly (number | null)[], x: (index: number) => number, y: (value: number) => number): string {
  let path = "";
  let drawing = false;
  values.forEach((value, index) => {
    if (value !== null) path += `${drawing ? "L" : "M"}${round(x(index))} ${round(y(value))}`;
    drawing = value !== null;
  });
  return path;
}

/** Values with no neighbour on either side: no line shows them, so they are drawn as dots. */
export const alone = (values: readonly (number | null)[]): number[] =>
  values.flatMap((value, index) => value !== null && (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null ? [index] : []);

export const round = (value: number): number => Math.round(value * 100) / 100;
