/** Why connections end, for a person, by close code. */
const WORDS: Readonly<Record<number, string>> = {
  1000: "The client left",
  1001: "The page was closed or left",
  1005: "The client left without a reason",
  1006: "The connection was lost",
  1009: "The client sent a message that is too large",
  3001: "The server shut down or was drained",
  3005: "The client's token expired",
  3008: "The client did not read fast enough",
  3009: "Writing to the client failed",
  3011: "The client was told to come back",
  3012: "The client answered no ping",
  3013: "The client sent too much",
  3500: "The client's token is no good",
  3501: "The client's request is malformed",
  3503: "Disconnected by an operator",
  3504: "Too many connections of one user or address",
  3507: "The client named a user that its token is not for",
  3509: "The client made too many mistakes",
};
const CUT = 1006;

/** Why a connection ended. Clients may close with any code; with one of the gateway's, they do not mean what it means. */
export function closeWords(code: number, byGateway: boolean): string {
  if (byGateway && code === CUT) return "The gateway cut the connection";
  if (!byGateway && code >= 3000) return "The client left, with a code of its own";
  return WORDS[code] ?? "For another reason";
}

/** Codes of gateways whose reason says more than the words above. */
const TELLING = new Set([CUT, 3011, 3500, 3504, 3507]);

/** What whoever closed it said, where it says more than the words for the code; else empty. */
export const closeDetail = (code: number, reason: string, byGateway: boolean): string =>
  byGateway && !TELLING.has(code) ? "" : reason;

export interface Closes {
  readonly code: number;
  readonly count: number;
  readonly words: string;
}

const PREFIX = "closed_";

/** How often the gateways closed connections since their start, by code, the most frequent first. */
export function closesOf(
  servers: readonly { readonly counts: Readonly<Record<string, number>> }[],
): readonly Closes[] {
  const sums = new Map<number, number>();
  for (const { counts } of servers) {
    for (const [name, count] of Object.entries(counts)) {
      if (!name.startsWith(PREFIX)) continue;
      const code = Number(name.slice(PREFIX.length));
      sums.set(code, (sums.get(code) ?? 0) + count);
    }
  }
  return [...sums]
    .map(([code, count]) => ({ code, count, words: closeWords(code, true) }))
    .sort((a, b) => b.count - a.count || a.code - b.code);
}
