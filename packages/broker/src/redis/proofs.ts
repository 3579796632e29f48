import type { DeliveryProof } from "../broker.ts";
import type { Nodes, RedisNode } from "./nodes.ts";
import type { Proof } from "./proof.ts";

/** The proofs of all nodes that are in use. */
export interface Proofs {
  /** To be called twice a second, and when something changed. */
  tick(): void;
  /** A node's connection broke. */
  reset(node: RedisNode): void;
  /** What could not be proved; null when everything was. */
  problem(): string | null;
  summary(): DeliveryProof;
}

export function createProofs(nodes: () => Nodes, prove: (node: RedisNode) => Proof): Proofs {
  const proofs = new Map<RedisNode, Proof>();
  /** Of nodes that are gone. */
  let earlierRebuilds = 0;

  const current = (): readonly Proof[] => {
    const all = nodes().all();
    for (const [node, proof] of proofs) {
      if (all.includes(node)) continue;
      earlierRebuilds += proof.rebuilds();
      proofs.delete(node);
    }
    return all.map((node) => {
      const proof = proofs.get(node) ?? prove(node);
      proofs.set(node, proof);
      return proof;
    });
  };
  return {
    tick() {
      for (const proof of current()) proof.tick();
    },
    reset: (node) => proofs.get(node)?.reset(),
    problem() {
      for (const proof of current()) {
        const problem = proof.problem();
        if (problem !== null) return problem;
      }
      return null;
    },
    summary() {
      const all = current();
      return {
        ageMs: Math.max(0, ...all.map((proof) => proof.ageMs())),
        rebuilds: all.reduce((sum, proof) => sum + proof.rebuilds(), earlierRebuilds),
      };
    },
  };
}
