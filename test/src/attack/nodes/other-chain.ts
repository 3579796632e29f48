import { setTimeout as delay } from "node:timers/promises";
import type { NodesAttack } from "../attack.ts";

const LASTS_MS = 8_000;

/** Behind the address of the first node there is another chain, for a while. */
export const otherChain: NodesAttack = {
  name: "nodes/other-chain",
  scene: "nodes",
  on: "listener",
  async strike({ node, target, witness, startOtherChain }, size) {
    const other = await startOtherChain();
    const from = performance.timeOrigin + performance.now();
    node.speakFor(other.target);
    node.cut();
    await delay(size.ms(LASTS_MS));
    node.speakFor(target);
    node.cut();
    const foreign = await other.chain.call("confirmedSince", 0);
    const arrived = await witness.call("arrivedSince", from);
    const taken = foreign.filter(([id]) => arrived.has(id)).length;
    await other.chain.stop();
    return {
      tries: foreign.length,
      what: `${foreign.length} transactions on the other chain, ${taken} told`,
      problems:
        taken === 0 ? [] : [`${taken} transactions of another chain were told as if they were of this one`],
    };
  },
};
