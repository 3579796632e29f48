/** Place of a transaction in its block; null where the node does not say it, or says what is no place. */
export const readIndex = (json: unknown): number | null => {
  const index = (json as { readonly transactionIndex?: unknown }).transactionIndex;
  return typeof index === "number" && Number.isSafeInteger(index) && index >= 0 ? index : null;
};

/** What nodes write in place of the rest. */
const LOGS_CUT = "Log truncated";

/** Whether the node cut the logs of a transaction short. */
export const hasCutLogs = (json: unknown): boolean => {
  const { meta } = json as { readonly meta?: { readonly logMessages?: unknown } | null };
  const logs = meta?.logMessages;
  return Array.isArray(logs) && logs.at(-1) === LOGS_CUT;
};
