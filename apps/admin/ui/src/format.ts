/** Further digits of a number say nothing to a reader; the full value is shown on hover. */
const SIGNIFICANT_DIGITS = 8;
const DECIMAL = /^([+-]?)(\d+)(?:\.(\d*))?$/;

const grouped = (whole: string): string => whole.replace(/\B(?=(\d{3})+$)/g, ",");

/** Adds one to the last digit of a row of digits; one more digit may come of it. */
function increment(digits: string): string {
  const nines = /9*$/.exec(digits)?.[0].length ?? 0;
  const rest = digits.slice(0, digits.length - nines);
  const last = rest === "" ? "1" : rest.slice(0, -1) + String(Number(rest.slice(-1)) + 1);
  return last + "0".repeat(nines);
}

/**
 * A decimal number for reading: thousands separated, rounded half up to eight significant digits, with no zeros at its
 * end. Digits are never put through a floating-point number, so that none is invented. Text that is no decimal number
 * stays as it is.
 */
export function formatDecimal(value: string | number, significant = SIGNIFICANT_DIGITS): string {
  const text = typeof value === "number" ? plain(value) : value;
  const match = DECIMAL.exec(text);
  if (match === null) return text;
  const [, sign = "", wholePart = "", fractionPart = ""] = match;
  const whole = wholePart.replace(/^0+(?=\d)/, "");
  const lead = whole === "0" ? (/^0*/.exec(fractionPart)?.[0].length ?? 0) : 0;
  const decimals = Math.max(0, whole === "0" ? lead + significant : significant - whole.length);
  let digits = whole + fractionPart.slice(0, decimals);
  if (fractionPart.length > decimals && Number(fractionPart[decimals]) >= 5) digits = increment(digits);
  const kept = Math.min(decimals, fractionPart.length);
  const padded = digits.padStart(kept + 1, "0");
  const fraction = padded.slice(padded.length - kept).replace(/0+$/, "");
  const number = grouped(padded.slice(0, padded.length - kept));
  const shown = kept === 0 || fraction === "" ? number : `${number}.${fraction}`;
  return sign === "-" && /[1-9]/.test(shown) ? `-${shown}` : shown;
}

const EXPONENT = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/;

/** A number as digits: the largest and the smallest are written with an exponent otherwise. */
function plain(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const match = EXPONENT.exec(String(value));
  if (match === null) return String(value);
  const [, sign = "", lead = "", rest = "", power] = match;
  const exponent = Number(power);
  const digits = lead + rest;
  return exponent < 0
    ? `${sign}0.${"0".repeat(-exponent - 1)}${digits}`
    : sign + digits.padEnd(exponent + 1, "0");
}

/** Percent with its sign and two decimals. */
export function formatPercent(value: string): string {
  const number = Number(value);
  if (!Number.isFinite(number)) return value;
  const fixed = Math.abs(number).toFixed(2);
  const shown = grouped(fixed.slice(0, -3)) + fixed.slice(-3);
  if (Number(fixed) === 0) return "0.00 %";
  return `${number > 0 ? "+" : "-"}${shown} %`;
}

const UNITS: readonly (readonly [string, number])[] = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
  ["s", 1],
];

/** A span of time in its largest two units: 2 h 5 min. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  let left = Math.floor(ms / 1_000);
  const parts: string[] = [];
  for (const [unit, seconds] of UNITS) {
    const count = Math.floor(left / seconds);
    left -= count * seconds;
    if (count > 0 || parts.length > 0) parts.push(count > 0 ? `${count} ${unit}` : "");
    if (parts.length === 2) break;
  }
  return parts.filter((part) => part !== "").join(" ");
}

/** An address or a signature by its ends. */
export const shorten = (text: string): string =>
  text.length <= 12 ? text : `${text.slice(0, 4)}…${text.slice(-4)}`;

const time = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** Time of day of Unix milliseconds. */
export const formatTime = (ms: number): string => time.format(ms);
/** Date and time of day of Unix milliseconds. */
export const formatDateTime = (ms: number): string => dateTime.format(ms);
