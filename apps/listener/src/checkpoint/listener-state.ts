import type { StateStore } from "@commcoin/broker";
import { type Dropped, readDropped } from "../finality/dropped.ts";
import { decodeMarketState, encodeMarketState, type SavedMarket } from "../market/token-market-state.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "../model/checkpoint.ts";

const CHECKPOINT_KEY = "checkpoint";
const COIN_PREFIX = "coin:";
const DROPPED_KEY = "dropped";
/**
 * Written when a publisher takes over, before anything else. Where it is missing, the store lost its data since then, and
 * what it holds was saved afterwards: a checkpoint, and only those markets that changed.
 */
const CLAIM_KEY = "claim";

export interface SavedState {
  readonly checkpoint: Checkpoint | null;
  readonly markets: ReadonlyMap<string, SavedMarket>;
  readonly dropped: Dropped;
}

/** What is there and cannot be read: the checkpoint, or the markets of these coins. */
export type Unreadable =
  | { readonly kind: "checkpoint" }
  | { readonly kind: "market"; readonly mints: readonly string[] };

/** What listeners of one program on one network leave to each other. */
export interface ListenerState {
  /** Hash of the first block. */
  readonly network: string;
  /** Only where publishing goes on, for those who do not publish; the same object as long as it is the same. */
  readCheckpoint(): Promise<Checkpoint | null>;
  /**
   * Everything, from the moment on which no earlier publisher can change it any more; nothing where only a part is left.
   */
  takeOver(fence: number): Promise<SavedState>;
  /** Keeps a checkpoint and, at the same instant, the markets that changed; null where a coin was forgotten. */
  save(
    checkpoint: Checkpoint,
    markets: ReadonlyMap<string, SavedMarket | null>,
    fence: number,
  ): Promise<void>;
  /** Keeps which transactions were dropped. */
  saveDropped(dropped: Dropped, fence: number): Promise<void>;
}

/**
 * @param network hash of the first block: the same address on another network is another program.
 * @param onUnreadable called with what cannot be read and counts as missing; of checkpoints that only are looked at, for
 *   the first one in a row.
 */
export function createListenerState(
  store: StateStore,
  network: string,
  program: string,
  onUnreadable: (what: Unreadable) => void,
): ListenerState {
  const name = `listener:${network}:${program}`;
  const readCheckpoint = (values: ReadonlyMap<string, string>): Checkpoint | "unreadable" | null => {
    const text = values.get(CHECKPOINT_KEY);
    return text === undefined ? null : (decodeCheckpoint(text) ?? "unreadable");
  };
  let looked: { readonly text: string | undefined; readonly found: Checkpoint | "unreadable" | null } = {
    text: undefined,
    found: null,
  };
  return {
    network,
    async readCheckpoint() {
      const values = await store.read(name, [CHECKPOINT_KEY]);
      const text = values.get(CHECKPOINT_KEY);
      if (text !== looked.text) {
        const found = readCheckpoint(values);
        if (found === "unreadable" && looked.found !== "unreadable") onUnreadable({ kind: "checkpoint" });
        looked = { text, found };
      }
      return looked.found === "unreadable" ? null : looked.found;
    },
    async takeOver(fence) {
      await store.write(name, new Map(), { fence });
      const values = await store.read(name);
      const found = values.has(CLAIM_KEY) ? readCheckpoint(values) : null;
      if (found === "unreadable") onUnreadable({ kind: "checkpoint" });
      const checkpoint = found === "unreadable" ? null : found;
      const markets = new Map<string, SavedMarket>();
      const unreadable: string[] = [];
      const changes = new Map<string, string | null>([[CLAIM_KEY, String(fence)]]);
      for (const [key, text] of values) {
        if (!key.startsWith(COIN_PREFIX)) continue;
        const mint = key.slice(COIN_PREFIX.length);
        // Without a checkpoint, nobody knows which trades the markets hold.
        const market = checkpoint === null ? null : decodeMarketState(text);
        if (checkpoint !== null && market === null) unreadable.push(mint);
        if (market === null) changes.set(key, null);
        else markets.set(mint, market);
      }
      if (unreadable.length > 0) onUnreadable({ kind: "market", mints: unreadable });
      await store.write(name, changes, { fence });
      return { checkpoint, markets, dropped: readDropped(values.get(DROPPED_KEY)) };
    },
    async save(checkpoint, markets, fence) {
      const changes = new Map<string, string | null>([[CHECKPOINT_KEY, encodeCheckpoint(checkpoint)]]);
      for (const [mint, market] of markets) {
        changes.set(`${COIN_PREFIX}${mint}`, market === null ? null : encodeMarketState(market));
      }
      await store.write(name, changes, { fence });
    },
    saveDropped: (dropped, fence) => store.write(name, new Map([[DROPPED_KEY, dropped.text]]), { fence }),
  };
}
