import type { Attack, NodesAttack, ServicesAttack, Size } from "./attack.ts";
import { chainSamples, withNodes } from "./nodes/nodes-scene.ts";
import type { AttackResult } from "./result.ts";
import { runAttack, type RunOptions } from "./run-attack.ts";
import { streamSamples } from "./samples-of.ts";
import { withScene } from "./scene.ts";
import { warmUp } from "./warm-up.ts";

export const FULL_SIZE: Size = { count: (full) => full, ms: (full) => full, judgesTime: true };

export interface CampaignOptions extends RunOptions {
  /** Determines the market of the chain. */
  readonly seed: string;
  readonly onResult?: (result: AttackResult) => void;
}

/** Does attacks one after the other, those on the same services without starting them anew. */
export async function runCampaign(
  attacks: readonly Attack[],
  options: CampaignOptions,
): Promise<readonly AttackResult[]> {
  const results: AttackResult[] = [];
  const add = (result: AttackResult): void => {
    results.push(result);
    options.onResult?.(result);
  };
  for (const name of ["services", "tokens"] as const) {
    const mine = attacks.filter((attack): attack is ServicesAttack => attack.scene === name);
    if (mine.length === 0) continue;
    await withScene(name, async (scene) => {
      await warmUp(scene);
      for (const attack of mine) add(await runAttack(attack, scene, streamSamples(scene.witness), options));
    });
  }
  const nodes = attacks.filter((attack): attack is NodesAttack => attack.scene === "nodes");
  if (nodes.length > 0) {
    await withNodes(options.seed, async (withListener) => {
      for (const attack of nodes) {
        // A new listener each time: what it learnt of the first node must not protect it from the next attack.
        add(await withListener((scene) => runAttack(attack, scene, chainSamples(scene), options)));
      }
    });
  }
  return results;
}
