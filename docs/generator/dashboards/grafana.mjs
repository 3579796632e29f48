/** The dashboards' own data source, which whoever looks chooses. */
const DATASOURCE = { type: "prometheus", uid: "${datasource}" };
/** Grafana counts 24 columns. */
const COLUMNS = 24;
const HEIGHTS = { stat: 4, timeseries: 8 };
const WIDTHS = { stat: 4, timeseries: 8 };

const GREEN = "green";
const YELLOW = "yellow";
const RED = "red";

/** Colours from a value on. Without any limit, nothing is said about what is good. */
const steps = (limits) => [
  { color: limits.length === 0 ? "text" : GREEN, value: null },
  ...limits.map(([value, color]) => ({ color, value })),
];

/** Bad from this value on, and of concern from a lower one. */
export const above = (red, yellow) => [...(yellow === undefined ? [] : [[yellow, YELLOW]]), [red, RED]];
/** What is to be zero: the least that can be seen is bad. */
export const NONE = above(0.001);

const targets = (queries) =>
  Object.entries(queries).map(([legendFormat, expr], index) => ({
    refId: String.fromCodePoint("A".codePointAt(0) + index),
    expr,
    legendFormat,
    datasource: DATASOURCE,
  }));

/** One number. `good` is the least that is well, for what must not fall. */
export const stat = ({ title, says, unit, limits = [], good, query, width }) => ({
  type: "stat",
  width,
  title,
  description: says,
  targets: targets({ "": query }),
  fieldConfig: {
    defaults: {
      unit,
      noValue: "–",
      thresholds: {
        mode: "absolute",
        steps:
          good === undefined
            ? steps(limits)
            : [
                { color: RED, value: null },
                { color: GREEN, value: good },
                ...limits.map(([value, color]) => ({ color, value })),
              ],
      },
    },
    overrides: [],
  },
  options: {
    reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
    colorMode: limits.length > 0 || good !== undefined ? "background" : "value",
    graphMode: "area",
    textMode: "auto",
  },
});

/** Lines over time. `queries` are by their legend; limits are drawn where they are. */
export const graph = ({ title, says, unit, limits = [], queries, stacked = false, max, width }) => ({
  type: "timeseries",
  width,
  title,
  description: says,
  targets: targets(queries),
  fieldConfig: {
    defaults: {
      unit,
      min: 0,
      ...(max === undefined ? {} : { max }),
      thresholds: { mode: "absolute", steps: steps(limits) },
      custom: {
        drawStyle: "line",
        lineWidth: 1,
        fillOpacity: stacked ? 20 : 0,
        showPoints: "never",
        stacking: { mode: stacked ? "normal" : "none", group: "A" },
        // Of what is to be zero, the limit is the axis.
        thresholdsStyle: { mode: limits.length === 0 || limits === NONE ? "off" : "dashed" },
      },
    },
    overrides: [],
  },
  options: {
    legend: { displayMode: "list", placement: "bottom", showLegend: true },
    tooltip: { mode: "multi", sort: "desc" },
  },
});

/** Places panels from left to right, each row of the dashboard below its heading. */
function place(rows) {
  const placed = [];
  let y = 0;
  const add = ({ width: _width, ...panel }, gridPos) => {
    placed.push({ id: placed.length + 1, datasource: DATASOURCE, ...panel, gridPos });
  };
  for (const [title, panels] of Object.entries(rows)) {
    add({ type: "row", title, collapsed: false, panels: [] }, { x: 0, y, w: COLUMNS, h: 1 });
    y += 1;
    let x = 0;
    let height = 0;
    for (const panel of panels) {
      const w = panel.width ?? WIDTHS[panel.type];
      const h = HEIGHTS[panel.type];
      if (x + w > COLUMNS || (height !== 0 && h !== height)) {
        y += height;
        x = 0;
      }
      height = h;
      add(panel, { x, y, w, h });
      x += w;
    }
    y += height;
  }
  return placed;
}

const datasourceVariable = {
  name: "datasource",
  label: "Prometheus",
  type: "datasource",
  query: "prometheus",
  current: {},
  hide: 0,
  multi: false,
  includeAll: false,
  refresh: 1,
  options: [],
};

/** Servers that expose a metric, by the address at which Prometheus finds them. */
const serverVariable = (metric) => ({
  name: "server",
  label: "Server",
  type: "query",
  datasource: DATASOURCE,
  query: { query: `label_values(${metric}, instance)`, refId: "server" },
  definition: `label_values(${metric}, instance)`,
  current: { selected: true, text: ["All"], value: ["$__all"] },
  hide: 0,
  multi: true,
  includeAll: true,
  allValue: ".*",
  refresh: 2,
  sort: 1,
  options: [],
});

/** @param serversOf a metric of the servers that can be chosen; none where the dashboard is about all. */
export const dashboard = ({ uid, title, serversOf, rows }) => ({
  uid,
  title,
  tags: ["commcoin"],
  schemaVersion: 41,
  version: 1,
  editable: false,
  graphTooltip: 1,
  refresh: "10s",
  time: { from: "now-30m", to: "now" },
  timezone: "browser",
  links: [
    {
      type: "dashboards",
      title: "Community Coin Realtime",
      tags: ["commcoin"],
      asDropdown: false,
      includeVars: false,
      keepTime: true,
      targetBlank: false,
    },
  ],
  templating: {
    list: serversOf === undefined ? [datasourceVariable] : [datasourceVariable, serverVariable(serversOf)],
  },
  annotations: { list: [] },
  panels: place(rows),
});

/** Share of observations below which 50 and 99 % are, of a histogram. */
export const quantile = (share, histogram, by, matchers = "") =>
  `histogram_quantile(${share}, sum by (${["le", ...by].join(", ")}) (rate(${histogram}_bucket${matchers && `{${matchers}}`}[$__rate_interval])))`;
/** Growth per second of a counter, summed up. */
export const rate = (counter, by, matchers = "") =>
  `sum by (${by.join(", ")}) (rate(${counter}${matchers && `{${matchers}}`}[$__rate_interval]))`;

/** What every process has, of those that the matchers name. */
export const processPanels = (matchers) => [
  graph({
    title: "Event loop lag, p99",
    says: "How late timers fire. EventLoopFull fires above 0.1 s: the process has too much to do.",
    unit: "s",
    limits: above(0.1, 0.05),
    queries: { "{{instance}} {{worker}}": `nodejs_eventloop_lag_p99_seconds{${matchers}}` },
  }),
  graph({
    title: "CPU",
    says: "100 % is one core, which is all that a process can use for its own work.",
    unit: "percentunit",
    limits: above(1, 0.7),
    queries: {
      "{{instance}} {{worker}}": `rate(process_cpu_seconds_total{${matchers}}[$__rate_interval])`,
    },
  }),
  graph({
    title: "Memory",
    says: "Resident memory of the process.",
    unit: "bytes",
    queries: { "{{instance}} {{worker}}": `process_resident_memory_bytes{${matchers}}` },
  }),
  graph({
    title: "Garbage collection",
    says: "Share of the time that is spent in it.",
    unit: "percentunit",
    limits: above(0.2, 0.1),
    queries: {
      "{{instance}} {{worker}}": rate("nodejs_gc_duration_seconds_sum", ["instance", "worker"], matchers),
    },
  }),
  graph({
    title: "File descriptors in use",
    says: "Of those that the process may open: one for each connection, and some for everything else.",
    unit: "percentunit",
    limits: above(0.9, 0.7),
    queries: {
      "{{instance}} {{worker}}": `process_open_fds{${matchers}} / process_max_fds{${matchers}}`,
    },
  }),
  graph({
    title: "Time since the start",
    says: "It falls to zero where a process was started anew.",
    unit: "s",
    queries: { "{{instance}} {{worker}}": `time() - process_start_time_seconds{${matchers}}` },
  }),
];
