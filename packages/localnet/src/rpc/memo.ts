import type { ExecutedTransaction } from "../ledger/transaction.ts";
import { fromBase58 } from "../wire/base58.ts";

const MEMO_PROGRAMS: ReadonlySet<string> = new Set([
  "Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo",
  "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr",
]);

/** Memos of the top-level instructions, each with its length in bytes, as `getSignaturesForAddress` lists them. */
export const memoOf = ({ transaction }: ExecutedTransaction): string | null => {
  const { accountKeys, instructions } = transaction.message;
  const memos = instructions.flatMap(({ programIdIndex, data }) => {
    if (!MEMO_PROGRAMS.has(accountKeys[programIdIndex] ?? "")) return [];
    const bytes = fromBase58(data);
    return [`[${bytes.length}] ${Buffer.from(bytes).toString("utf8")}`];
  });
  return memos.length === 0 ? null : memos.join("; ");
};
