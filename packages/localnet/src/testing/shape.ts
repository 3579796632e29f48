/**
 * The shape of a JSON value: its keys and the types behind them, with the first element standing for all of a list.
 * Two answers of the same method have the same shape, whatever they say.
 */
export const shapeOf = (value: unknown): unknown => {
  if (value === null) return "null";
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (typeof value !== "object") return typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, item]) => [key, shapeOf(item)]),
  );
};
