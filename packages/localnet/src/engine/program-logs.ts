import { LOG_LIMIT_BYTES } from "./machine.ts";

/** Log lines of one transaction, cut where the runtime cuts them. */
export const createLogCollector = (limitBytes: number = LOG_LIMIT_BYTES) => {
  const lines: string[] = [];
  let bytes = 0;
  let truncated = false;
  return {
    lines: lines as readonly string[],
    add: (line: string): void => {
      if (truncated) return;
      const size = Buffer.byteLength(line);
      if (bytes + size >= limitBytes) {
        truncated = true;
        lines.push("Log truncated");
        return;
      }
      bytes += size;
      lines.push(line);
    },
  };
};

const INVOKE = /^Program (\S+) invoke \[(\d+)\]$/;
const CONSUMED = /^Program (\S+) consumed (\d+) of (\d+) compute units$/;

/**
 * Logs of a call that ran as a transaction of its own, as they read inside the calling one: the depth is the
 * caller's plus one, and the budget what the caller had left.
 */
export const nestedLogs = (
  lines: readonly string[],
  stackHeight: number,
  remainingUnits: number,
): string[] => {
  // The program that ran at depth 1 logs last, and had the whole budget of its own transaction.
  const last = lines
    .toReversed()
    .map((line) => CONSUMED.exec(line))
    .find((match) => match !== null);
  const shift = remainingUnits - Number(last?.[3] ?? remainingUnits);
  return lines.map((line) => {
    const invoke = INVOKE.exec(line);
    if (invoke) return `Program ${invoke[1]} invoke [${Number(invoke[2]) + stackHeight - 1}]`;
    const consumed = CONSUMED.exec(line);
    if (!consumed) return line;
    return `Program ${consumed[1]} consumed ${consumed[2]} of ${Number(consumed[3]) + shift} compute units`;
  });
};
