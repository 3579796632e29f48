import { isJsonRpcPayload } from "@solana/kit";
import { createSlowNodes, type SlowNodes } from "./slow-nodes.ts";

/** In which order nodes are asked. Those who ask for different things may share it. */
export interface NodeOrder {
  /**
   * The last node that answered first, or, for a transaction that a node did not know, the one after that; nodes that
   * did not answer in time last.
   */
  nodesFor(payload: unknown): readonly number[];
  answered(node: number, payload: unknown, response: unknown): void;
  readonly slowNodes: SlowNodes;
}

/** Transactions that a node did not know, of those that are asked for at a time; the oldest are forgotten. */
const MAX_UNKNOWN = 1_000;

const signatureOf = (payload: unknown): unknown => {
  if (!isJsonRpcPayload(payload) || payload.method !== "getTransaction") return undefined;
  return (payload.params as readonly unknown[])[0];
};

/** @param count of nodes. */
export function createNodeOrder(count: number, now?: () => number): NodeOrder {
  const slowNodes = createSlowNodes(now);
  /** By signature, the node that did not know the transaction. */
  const unknown = new Map<unknown, number>();
  let preferred = 0;
  return {
    nodesFor(payload) {
      const ignorant = unknown.get(signatureOf(payload));
      const first = ignorant === undefined ? preferred : ignorant + 1;
      const nodes = Array.from({ length: count }, (_, turn) => (first + turn) % count);
      const rest = nodes.filter((node) => slowNodes.has(node));
      return [...nodes.filter((node) => !slowNodes.has(node)), ...slowNodes.inOrder(rest)];
    },
    answered(node, payload, response) {
      const signature = signatureOf(payload);
      unknown.delete(signature);
      preferred = node;
      if (signature === undefined) return;
      if ((response as { readonly result?: unknown } | null)?.result !== null) return;
      unknown.set(signature, node);
      const [oldest] = unknown.keys();
      if (unknown.size > MAX_UNKNOWN) unknown.delete(oldest);
    },
    slowNodes,
  };
}
