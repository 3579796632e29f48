import { base58 } from "@scure/base";
import { randomBytes } from "node:crypto";
import { askNode, type NodeAnswer } from "./ask-node.ts";
import { watchSlots, type SlotWatch } from "./watch-slots.ts";

/** What one node says of itself. */
export interface NodeFacts {
  /** Scheme and host: paths and queries hold keys. */
  readonly name: string;
  readonly genesis: NodeAnswer;
  readonly health: NodeAnswer;
  /** Its newest confirmed slot, asked for twice at moments that are the same for all nodes. */
  readonly slots: readonly [NodeAnswer, NodeAnswer];
  /** Unix seconds of that slot. */
  readonly blockTime: NodeAnswer;
  readonly program: NodeAnswer;
  /** Further methods that a listener needs, by name. */
  readonly methods: ReadonlyMap<string, NodeAnswer>;
  /** null where no address of its subscriptions is known. */
  readonly stream: SlotWatch | null;
}

export interface NodeAddress {
  readonly httpUrl: string;
  readonly wsUrl: string | null;
}

const CONFIRMED = { commitment: "confirmed" } as const;
const SIGNATURE_BYTES = 64;
/** Blocks that a node has for certain. */
const RECENT_SLOTS = 5;
const PAUSE_MS = 500;

export const hostOf = (url: string): string => {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
};

export const numberIn = (answer: NodeAnswer): number | null =>
  answer.kind === "result" && typeof answer.result === "number" ? answer.result : null;

async function askMethods(
  url: string,
  programId: string,
  slot: number | null,
): Promise<ReadonlyMap<string, NodeAnswer>> {
  // Nobody signed it: an honest node says that it does not know it.
  const signature = base58.encode(randomBytes(SIGNATURE_BYTES));
  const from = Math.max(0, (slot ?? 0) - RECENT_SLOTS);
  const version = { maxSupportedTransactionVersion: 0 };
  const calls: readonly (readonly [method: string, params: readonly unknown[]])[] = [
    ["getSignaturesForAddress", [programId, { ...CONFIRMED, limit: 1 }]],
    ["getTransaction", [signature, { ...CONFIRMED, ...version, encoding: "json" }]],
    ["getSignatureStatuses", [[signature], { searchTransactionHistory: true }]],
    ["getBlocks", [from, from + RECENT_SLOTS, CONFIRMED]],
    ["getBlock", [from, { ...CONFIRMED, ...version, transactionDetails: "none", rewards: false }]],
  ];
  const answers = await Promise.all(calls.map(([method, params]) => askNode(url, method, params)));
  return new Map(calls.map(([method], index) => [method, answers[index] as NodeAnswer]));
}

/** Asks a node all that a listener asks it. Ends within some 13 s, and never rejects. */
export async function lookAtNode({ httpUrl, wsUrl }: NodeAddress, programId: string): Promise<NodeFacts> {
  const slot = (): Promise<NodeAnswer> => askNode(httpUrl, "getSlot", [CONFIRMED]);
  const secondSlot = new Promise<void>((resolve) => setTimeout(resolve, PAUSE_MS)).then(slot);
  const stream = wsUrl === null ? Promise.resolve(null) : watchSlots(wsUrl);
  const [first, genesis, health] = await Promise.all([
    slot(),
    askNode(httpUrl, "getGenesisHash"),
    askNode(httpUrl, "getHealth"),
  ]);
  const newest = numberIn(first);
  const isThere = first.kind !== "unreachable";
  const never: NodeAnswer = { kind: "unreachable", message: "not asked" };
  const [blockTime, program, methods] = await Promise.all([
    isThere ? askNode(httpUrl, "getBlockTime", [newest ?? 0]) : never,
    isThere
      ? askNode(httpUrl, "getMultipleAccounts", [
          [programId],
          { ...CONFIRMED, encoding: "base64", dataSlice: { offset: 0, length: 0 } },
        ])
      : never,
    isThere ? askMethods(httpUrl, programId, newest) : new Map<string, NodeAnswer>(),
  ]);
  return {
    name: hostOf(httpUrl),
    genesis,
    health,
    slots: [first, await secondSlot],
    blockTime,
    program,
    methods,
    stream: await stream,
  };
}
