/** One of several trades on a curve. */
export interface TradeShare {
  readonly side: "buy" | "sell";
  /** Lamports that System instructions of the trade moved into the curve. */
  readonly called: bigint;
  /** Base units that the trade moved. */
  readonly tokens: bigint;
}

/**
 * Divides the change of a curve's lamports among its trades: what the buys paid less what the sells were paid is
 * `change`, exactly. A buy paid what its System transfers say; the sells share the rest in proportion to their
 * tokens. Where the transfers contradict the balance, the balance wins and the buys share it.
 * @returns lamports of each trade, not negative.
 */
export function splitLamports(trades: readonly TradeShare[], change: bigint): readonly bigint[] {
  const [first] = trades;
  if (trades.length === 1 && first !== undefined) return [change < 0n ? -change : change];
  const isBuy = (trade: TradeShare): boolean => trade.side === "buy";
  const paid = sum(trades.map((trade) => (isBuy(trade) ? trade.called : 0n)));
  const toSells = paid - change;
  const agrees = trades.every(isBuy) ? toSells === 0n : toSells >= 0n;
  if (agrees) {
    const sells = share(
      toSells,
      trades.map((trade) => (isBuy(trade) ? 0n : trade.tokens)),
    );
    return trades.map((trade, index) => (isBuy(trade) ? trade.called : (sells[index] ?? 0n)));
  }
  const weightOf =
    paid > 0n ? called : trades.some((trade) => isBuy(trade) && trade.tokens > 0n) ? tokens : one;
  return share(
    change < 0n ? 0n : change,
    trades.map((trade) => (isBuy(trade) ? weightOf(trade) : 0n)),
  );
}

const called = (trade: TradeShare): bigint => trade.called;
const tokens = (trade: TradeShare): bigint => trade.tokens;
const one = (): bigint => 1n;

/** Divides `total` in proportion to the weights without losing a unit; equally among all when no weight is positive. */
function share(total: bigint, weights: readonly bigint[]): readonly bigint[] {
  const whole = sum(weights);
  if (whole === 0n)
    return total === 0n
      ? weights
      : share(
          total,
          weights.map(() => 1n),
        );
  let passed = 0n;
  let given = 0n;
  return weights.map((weight) => {
    passed += weight;
    const part = (total * passed) / whole - given;
    given += part;
    return part;
  });
}

const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);
