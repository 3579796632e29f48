/** The answer of a node that does not say where in its block a transaction is. */
export const withoutTransactionIndex = (method: string, answer: unknown): unknown => {
  const strip = (item: unknown): unknown => {
    const { transactionIndex: _, ...rest } = item as { readonly transactionIndex?: number };
    return rest;
  };
  if (method === "getTransaction") return answer === null ? null : strip(answer);
  return method === "getSignaturesForAddress" ? (answer as readonly unknown[]).map(strip) : answer;
};
