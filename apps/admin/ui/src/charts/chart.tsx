import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { formatDecimal, formatTime } from "../format.ts";
import { isDark } from "../theme.ts";

const HEIGHT_PX = 180;
const AXIS_PADDING_PX = 18;
const CHARACTER_PX = 7;

export interface Line {
  readonly label: string;
  /** A custom property of the style sheet. */
  readonly color: string;
}

interface ChartProps {
  /** What it shows, for who does not see it. */
  readonly label: string;
  readonly lines: readonly Line[];
  /** Unix seconds, and for each line a value at each of them; null where there is none. */
  readonly data: readonly [readonly number[], ...(readonly (number | null)[])[]];
}

const property = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function optionsOf(lines: readonly Line[], width: number): UPlot.Options {
  const axis = {
    stroke: property("--text-soft"),
    grid: { stroke: property("--line"), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height: HEIGHT_PX,
    series: [
      { label: "Time", value: (_chart, at: number | null) => (at === null ? "–" : formatTime(at * 1_000)) },
      ...lines.map(({ label, color }) => ({
        label,
        stroke: property(color),
        width: 2,
        points: { show: false },
        value: (_chart: UPlot, value: number | null) => (value === null ? "–" : formatDecimal(value, 6)),
      })),
    ],
    axes: [
      {
        ...axis,
        space: 100,
        size: 32,
        values: (_chart, splits) => splits.map((at) => formatTime(at * 1_000)),
      },
      {
        ...axis,
        size: (_chart, labels: readonly string[] | null) =>
          AXIS_PADDING_PX + CHARACTER_PX * Math.max(0, ...(labels ?? []).map(({ length }) => length)),
        values: (_chart, splits) => splits.map((value) => formatDecimal(value, 6)),
      },
    ],
    scales: {
      y: {
        range: (_chart, min, max) =>
          UPlot.rangeNum(Math.min(min, max), max === min ? max + 1 : max, 0.1, true),
      },
    },
    cursor: { y: false },
  };
}

/** Lines over time, as wide as there is room, in the colours of the theme. */
export function Chart({ label, lines, data }: ChartProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<UPlot | null>(null);
  const newest = useRef(data);
  newest.current = data;
  const dark = isDark();
  const names = lines.map(({ label }) => label).join();
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const made = new UPlot(
      optionsOf(lines, element.clientWidth),
      newest.current as UPlot.AlignedData,
      element,
    );
    chart.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [dark, names]);
  useEffect(() => chart.current?.setData(data as UPlot.AlignedData), [data]);
  const now = data.slice(1).map((values, index) => {
    const last = values.at(-1) ?? null;
    return `${lines[index]?.label ?? ""} ${last === null ? "none" : formatDecimal(last, 6)}`;
  });
  return <div class="chart" ref={place} role="img" aria-label={`${label}: now ${now.join(", ")}`} />;
}
