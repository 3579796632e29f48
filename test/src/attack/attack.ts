import type { NodesScene } from "./nodes/nodes-scene.ts";
import type { Scene, SceneName } from "./scene.ts";
import type { ServiceName } from "./support/service.ts";

/** How large an attack is: 1 in the full run. */
export interface Size {
  /** A number of clients, requests or messages at this size; at least one. */
  count(full: number): number;
  /** How long something lasts at this size; what has to be awaited is not made shorter. */
  ms(full: number): number;
  /** Whether it is judged how fast something was: not where other work shares the machine. */
  readonly judgesTime: boolean;
}

/** What an attack did. */
export interface Outcome {
  /** Connections, frames or requests that were made to do harm. */
  readonly tries: number;
  /** One line for the table. */
  readonly what: string;
  /** Which promise was not kept, beyond what is measured of every attack. */
  readonly problems?: readonly string[];
}

interface AnyAttack {
  /** Room and name, as the file is called. */
  readonly name: string;
  /** The service whose memory and sockets are watched. */
  readonly on: ServiceName;
  /** Set where data of Redis itself is destroyed: then messages may be lost, as long as that is told. */
  readonly dataMayBeLost?: boolean;
  /** What messages may take on top of what they always may, where time alone shows that something is wrong. */
  readonly mayTakeMs?: number;
}

/** On gateway, admin service and Redis. */
export interface ServicesAttack extends AnyAttack {
  readonly scene: SceneName;
  strike(scene: Scene, size: Size): Promise<Outcome>;
}

/** On a listener with two nodes, of which the first is hostile. */
export interface NodesAttack extends AnyAttack {
  readonly scene: "nodes";
  strike(scene: NodesScene, size: Size): Promise<Outcome>;
}

export type Attack = ServicesAttack | NodesAttack;
