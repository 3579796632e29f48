import type { Endpoint, Localnet } from "@commcoin/localnet";
import type { RunningListener } from "../start-listener.ts";
import type { StatusClaim } from "./status-claims.ts";

/** A listener on its nodes, and a market that goes on. */
export interface Scene {
  readonly localnet: Localnet;
  /** The first node, and the second where there is one. */
  readonly nodes: readonly [Endpoint, ...Endpoint[]];
  readonly running: RunningListener;
  /** Trades for so many slots, several in each. */
  readonly play: (slots: number) => Promise<void>;
}

/** What `/readyz` says while a fault lasts. */
export type Readiness =
  /** Nothing is stale: 200 all the time. */
  | "ready"
  /** 503, by this check, with such a reason. */
  | { readonly check: string; readonly says: RegExp }
  /** 503 for moments that may be too short to be asked in. */
  | "brief";

/** One fault of a node: how it is made, and what an operator can see of it. */
export interface FaultCase {
  readonly name: string;
  /** Nodes over the one chain; default 1. */
  readonly nodes?: 1 | 2;
  /** Requests go to the second of two nodes only, streams come from the first. */
  readonly apart?: boolean;
  /** See `ListenerOptions`. */
  readonly silentMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Switches it on. */
  begin(scene: Scene): unknown;
  /** Whether enough of it happened; by default, when any switch of a node struck. */
  struck?(this: void, scene: Scene): boolean | Promise<boolean>;
  /** Switches it off; by default all switches of all nodes. */
  end?(scene: Scene): unknown;
  /** What tells of it: a name without the prefix, a part of its labels, and how far it rises at least. */
  readonly metric: { readonly name: string; readonly labels?: string; readonly by?: number };
  readonly readiness: Readiness;
  /** What the record says that the listener puts into the registry. */
  readonly status: StatusClaim;
  /** A part of a line that is logged. */
  readonly logs?: string;
}
