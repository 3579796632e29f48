/** Decimal numbers as strings, from integers only: no float ever touches an amount or a price. */

/** A divided by 10^scale, exactly and without trailing zeros: `formatUnits(1500n, 3)` is `1.5`. */
export function formatUnits(value: bigint, scale: number): string {
  const negative = value < 0n;
  const digits = (negative ? -value : value).toString().padStart(scale + 1, "0");
  const point = digits.length - scale;
  let end = digits.length;
  while (end > point && digits.charCodeAt(end - 1) === 48) end--;
  const text = end > point ? `${digits.slice(0, point)}.${digits.slice(point, end)}` : digits.slice(0, point);
  return negative && value !== 0n ? `-${text}` : text;
}

const LAMPORTS_PER_SOL_DIGITS = 9;

/** Lamports as SOL. */
export const formatSol = (lamports: bigint): string => formatUnits(lamports, LAMPORTS_PER_SOL_DIGITS);

/** SOL as lamports. */
export const parseSol = (sol: string): bigint => parseUnits(sol, LAMPORTS_PER_SOL_DIGITS);

/** `numerator / denominator` for `denominator > 0`, rounded half up, away from zero when negative. */
export function divideRounded(numerator: bigint, denominator: bigint): bigint {
  const magnitude = numerator < 0n ? -numerator : numerator;
  const rounded = (2n * magnitude + denominator) / (2n * denominator);
  return numerator < 0n ? -rounded : rounded;
}

/**
 * `numerator / denominator` as a decimal number with at most `significant` significant digits, rounded half up.
 * @param numerator not negative.
 * @param denominator positive.
 */
export function formatRatio(numerator: bigint, denominator: bigint, significant: number): string {
  if (numerator === 0n) return "0";
  // 10^exponent <= ratio < 10^(exponent + 1)
  let exponent = numerator.toString().length - denominator.toString().length;
  const below =
    exponent >= 0
      ? numerator < denominator * 10n ** BigInt(exponent)
      : numerator * 10n ** BigInt(-exponent) < denominator;
  if (below) exponent--;
  const scale = significant - 1 - exponent;
  return scale >= 0
    ? formatUnits(divideRounded(numerator * 10n ** BigInt(scale), denominator), scale)
    : (divideRounded(numerator, denominator * 10n ** BigInt(-scale)) * 10n ** BigInt(-scale)).toString();
}

/** `text`, a decimal number with at most `scale` digits behind its point, times 10^scale. */
export function parseUnits(text: string, scale: number): bigint {
  const point = text.indexOf(".");
  if (point < 0) return BigInt(text) * 10n ** BigInt(scale);
  return BigInt(text.slice(0, point) + text.slice(point + 1).padEnd(scale, "0"));
}
