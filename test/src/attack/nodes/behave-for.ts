import { setTimeout as delay } from "node:timers/promises";
import type { Behaviour } from "./hostile-node.ts";
import type { NodesScene } from "./nodes-scene.ts";

/** Lets the first node be hostile for a while, and honest again; whoever is connected comes back and meets it. */
export async function behaveFor({ node }: NodesScene, ms: number, behaviour: Behaviour): Promise<void> {
  node.behave(behaviour);
  node.cut();
  await delay(ms);
  node.behave({});
  node.cut();
}

const TURN_MS = 1_000;

/**
 * Lets one node after the other be hostile, and never both. Whoever always fails is soon left alone, and what it would have
 * said next is not tried.
 */
export async function behaveInTurns(
  { node, otherNode }: NodesScene,
  ms: number,
  behaviour: Behaviour,
): Promise<void> {
  const until = performance.now() + ms;
  for (let turn = 0; performance.now() < until; turn += 1) {
    const [hostile, honest] = turn % 2 === 0 ? [node, otherNode] : [otherNode, node];
    honest.behave({});
    hostile.behave(behaviour);
    await delay(Math.min(TURN_MS, until - performance.now()));
  }
  node.behave({});
  otherNode.behave({});
}
