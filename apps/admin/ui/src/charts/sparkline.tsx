import type { JSX } from "preact";

const WIDTH = 96;
const HEIGHT = 24;
const MARGIN = 2;

/** The corners of a line through values, over the whole area: for `points` of SVG. */
export function sparklinePoints(values: readonly number[]): string {
  const min = Math.min(...values);
  const span = Math.max(...values) - min;
  const step = (WIDTH - 2 * MARGIN) / Math.max(1, values.length - 1);
  return values
    .map((value, index) => {
      const share = span === 0 ? 0.5 : (value - min) / span;
      const x = MARGIN + index * step;
      const y = HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(" ");
}

/** The course of the last values; what it says stands in numbers beside it. */
export function Sparkline({ values }: { readonly values: readonly number[] }): JSX.Element {
  const rising = (values.at(-1) ?? 0) >= (values[0] ?? 0);
  return (
    <svg
      class={`sparkline ${rising ? "up" : "down"}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      aria-hidden="true"
    >
      {values.length > 1 && <polyline points={sparklinePoints(values)} />}
    </svg>
  );
}
