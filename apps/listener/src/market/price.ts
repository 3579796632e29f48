import { divideRounded, formatUnits, parseUnits } from "../decode/decimal.ts";

/**
 * Digits behind the point of a price that is calculated with. The smallest price of a trade, one lamport for all
 * tokens there can be, has 10^-20; with 18 significant digits it needs 38.
 */
const PRICE_SCALE = 40;
const PERCENT_DECIMALS = 4;

/** A decimal price as an integer of 10^-40 SOL. */
export const parsePrice = (price: string): bigint => parseUnits(price, PRICE_SCALE);

export const formatPrice = (price: bigint): string => formatUnits(price, PRICE_SCALE);

/** Change from one price to another in percent, rounded half up to four decimals; null from a price of 0. */
export function formatChange(from: bigint, to: bigint): string | null {
  if (from === 0n) return null;
  return formatUnits(
    divideRounded((to - from) * 100n * 10n ** BigInt(PERCENT_DECIMALS), from),
    PERCENT_DECIMALS,
  );
}

/**
 * Price times supply, in SOL, exact.
 * @param supply base units.
 */
export const formatMarketCap = (price: bigint, supply: bigint, decimals: number): string =>
  formatUnits(price * supply, PRICE_SCALE + decimals);
