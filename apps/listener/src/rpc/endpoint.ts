/** A Solana node: where requests go and where notifications come from. */
export interface Endpoint {
  readonly rpcUrl: string;
  readonly wsUrl: string;
}

/** A URL as it may stand in logs and metrics: without credentials, and without path or query, where providers put keys. */
export function publicUrl(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

/** Pairs the two lists in order; both have the same length. */
export const pairEndpoints = (rpcUrls: readonly string[], wsUrls: readonly string[]): readonly Endpoint[] =>
  rpcUrls.flatMap((rpcUrl, index) => {
    const wsUrl = wsUrls[index];
    return wsUrl === undefined ? [] : [{ rpcUrl, wsUrl }];
  });
