import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { Empty } from "../components/states.tsx";
import { formatDecimal, formatTime } from "../format.ts";
import { isDark } from "../theme.ts";

const HEIGHT_PX = 180;
const AXIS_PADDING_PX = 18;
const CHARACTER_PX = 7;
const AXIS_DIGITS = 6;

export interface Line {
  readonly label: string;
  /** A custom property of the style sheet. */
  readonly color: string;
  /** The same colour as a class of the style sheet, for the legend. */
  readonly swatch: string;
}

/** Unix seconds, and for each line a value at each of them; null where there is none. */
type Data = readonly [readonly number[], ...(readonly (number | null)[])[]];

interface ChartProps {
  /** What it shows, for who does not see it. */
  readonly label: string;
  readonly lines: readonly Line[];
  readonly data: Data;
  /** What is said while there is no line to draw. */
  readonly waiting?: string;
  /** Significant digits of the values that are told. */
  readonly digits?: number;
  /** Whether the scale begins at 0, for what is counted; else where the values are. */
  readonly fromZero?: boolean;
}

const property = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

interface Options {
  readonly lines: readonly Line[];
  readonly width: number;
  readonly fromZero: boolean;
  /** Told which of the times is pointed at; null for none. */
  readonly onPoint: (index: number | null) => void;
}

function optionsOf({ lines, width, fromZero, onPoint }: Options): UPlot.Options {
  const axis = {
    stroke: property("--text-soft"),
    grid: { stroke: property("--line"), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height: HEIGHT_PX,
    series: [
      {},
      ...lines.map(({ color }) => ({ stroke: property(color), width: 2, points: { show: false } })),
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
        values: (_chart, splits) => splits.map((value) => formatDecimal(value, AXIS_DIGITS)),
      },
    ],
    scales: {
      y: {
        range: (_chart, min, max) =>
          fromZero
            ? UPlot.rangeNum(0, max > 0 ? max : 1, 0.1, true)
            : UPlot.rangeNum(Math.min(min, max), max === min ? max + 1 : max, 0.1, true),
      },
    },
    legend: { show: false },
    cursor: { y: false },
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
  };
}

interface LegendProps extends Pick<ChartProps, "lines" | "data"> {
  readonly digits: number;
  readonly at: number | null;
}

/** What the lines are, with their values where the pointer is, else their newest ones. */
function Legend({ lines, data, digits, at }: LegendProps): JSX.Element {
  const index = at ?? data[0].length - 1;
  const time = data[0][index];
  return (
    <p class="legend" aria-hidden="true">
      {lines.map(({ label, swatch }, line) => {
        const value = data[line + 1]?.[index] ?? null;
        return (
          <span key={label}>
            <span class={`swatch ${swatch}`} /> {label}{" "}
            <strong class="num">{value === null ? "–" : formatDecimal(value, digits)}</strong>
          </span>
        );
      })}
      <span class="faint">{at === null || time === undefined ? "now" : formatTime(time * 1_000)}</span>
    </p>
  );
}

/** Lines over time, as wide as there is room, in the colours of the theme. */
function Plot({ label, lines, data, digits = 3, fromZero = false }: ChartProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<UPlot | null>(null);
  const newest = useRef(data);
  const [at, setAt] = useState<number | null>(null);
  newest.current = data;
  const dark = isDark();
  const names = lines.map(({ label }) => label).join();
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const made = new UPlot(
      optionsOf({ lines, width: element.clientWidth, fromZero, onPoint: setAt }),
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
  }, [dark, names, fromZero]);
  useEffect(() => chart.current?.setData(data as UPlot.AlignedData), [data]);
  const now = data.slice(1).map((values, index) => {
    const last = values.at(-1) ?? null;
    return `${lines[index]?.label ?? ""} ${last === null ? "none" : formatDecimal(last, digits)}`;
  });
  return (
    <>
      <div class="chart" ref={place} role="img" aria-label={`${label}: now ${now.join(", ")}`} />
      <Legend lines={lines} data={data} digits={digits} at={at} />
    </>
  );
}

/** A chart, as soon as there is a line to draw. */
export function Chart(props: ChartProps): JSX.Element {
  const [, ...values] = props.data;
  const drawable = values.some((line) => line.filter((value) => value !== null).length > 1);
  if (!drawable)
    return (
      <div class="chart waiting">
        <Empty>{props.waiting ?? "The line begins with the next figures."}</Empty>
      </div>
    );
  return <Plot {...props} />;
}
