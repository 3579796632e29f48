import type { Localnet, Random } from "@commcoin/localnet";
import type { RedisServer } from "@commcoin/broker/testing";
import type { ListenerCluster } from "./cluster.ts";
import type { Planned, Trouble } from "./plan.ts";

export interface SaboteurOptions {
  readonly localnet: Localnet;
  readonly redis: RedisServer;
  readonly cluster: ListenerCluster;
  readonly random: Random;
  readonly listeners: number;
}

/** Makes the trouble that was planned. */
export interface Saboteur {
  /** Undoes what is over and begins what is due, before a slot is filled. */
  slot(slot: number): Promise<void>;
  /** Undoes everything. */
  makePeace(): Promise<void>;
  /** How often each kind of trouble was made. */
  readonly made: ReadonlyMap<string, number>;
}

/** What a fork lost lands again within so many slots, mostly. */
const RELAND_SLOTS = 4;
const RELAND_SHARE = 0.75;

type Of<Kind extends Trouble["kind"]> = Extract<Trouble, { kind: Kind }>;

export function createSaboteur(
  plan: readonly Planned[],
  { localnet, redis, cluster, random, listeners }: SaboteurOptions,
): Saboteur {
  const { chain, endpoints } = localnet;
  const made = new Map<string, number>();
  const waiting = [...plan];
  let later: { readonly slot: number; readonly undo: () => unknown }[] = [];
  const down = new Set<number>();
  let redisPaused = false;
  let now = 0;

  const after = (slots: number, undo: () => unknown): void => {
    later.push({ slot: now + slots, undo });
  };
  const endpoint = (index: number) => {
    const found = endpoints[index];
    if (found === undefined) throw new RangeError(`There is no endpoint ${index}`);
    return found;
  };
  const targets = (whom: Of<"kill">["whom"]): readonly number[] => {
    const all = Array.from({ length: listeners }, (_, index) => index);
    const leader = cluster.leader();
    // The leader last: where nobody is left, it is no takeover.
    if (whom === "all") return [...all.filter((index) => index !== leader), leader];
    if (whom === "leader") return [leader];
    const others = all.filter((index) => index !== leader && cluster.isRunning(index));
    return others.length === 0 ? [] : [random.pick(others)];
  };
  const strike =
    (how: "kill" | "pause" | "stop") =>
    ({ whom, slots }: Of<"kill">): void => {
      for (const index of targets(whom)) {
        cluster[how](index);
        after(slots, () => cluster.bringBack(index));
      }
    };
  const fork = ({ depth, reland }: Of<"fork">): void => {
    const { ledger } = localnet;
    const most = ledger.slot("processed") - ledger.slot("finalized") - 1;
    if (most < 1) return;
    const { lost, relanded } = chain.fork({ depth: Math.min(depth, most), reland });
    for (const signature of lost) {
      if (relanded.includes(signature) || !random.chance(RELAND_SHARE)) continue;
      after(random.integer(1, RELAND_SLOTS), () => chain.reland(signature));
    }
  };

  const make: { readonly [Kind in Trouble["kind"]]: (trouble: Of<Kind>) => unknown } = {
    fault({ endpoint: index, patch, slots, disconnect }) {
      const { faults, disconnect: close } = endpoint(index);
      faults.set(patch);
      if (disconnect !== undefined) close(disconnect);
      after(slots, () => faults.set(Object.fromEntries(Object.keys(patch).map((name) => [name, null]))));
    },
    blackout({ slots }) {
      for (const { faults } of endpoints) faults.set({ drop: { subscriptions: ["logs"] } });
      after(slots, () => {
        for (const { faults } of endpoints) faults.set({ drop: null });
      });
    },
    disconnect: ({ endpoint: index, code }) => endpoint(index).disconnect(code),
    async down({ endpoint: index, slots }) {
      if (down.has(index)) return;
      down.add(index);
      await endpoint(index).down();
      after(slots, async () => {
        if (down.delete(index)) await endpoint(index).up();
      });
    },
    skip: ({ slots }) => chain.skip(slots),
    fork,
    rootJump: ({ blocks }) => chain.rootJump(blocks),
    kill: strike("kill"),
    pause: strike("pause"),
    stop: strike("stop"),
    pauseRedis({ slots }) {
      redisPaused = true;
      redis.pause();
      after(slots, () => {
        redisPaused = false;
        redis.resume();
      });
    },
    restartRedis: () => (redisPaused ? undefined : redis.restart()),
  };

  const undoUpTo = async (slot: number): Promise<void> => {
    const due = later.filter((each) => each.slot <= slot);
    later = later.filter((each) => each.slot > slot);
    for (const { undo } of due) await undo();
  };
  return {
    made,
    async slot(slot) {
      now = slot;
      await undoUpTo(slot);
      while (waiting[0] !== undefined && waiting[0].slot <= slot) {
        const { name, trouble } = waiting.shift() as Planned;
        made.set(name, (made.get(name) ?? 0) + 1);
        // The handler is the one of the trouble's kind, which types cannot follow through the look-up.
        await (make[trouble.kind] as (trouble: Trouble) => unknown)(trouble);
      }
    },
    async makePeace() {
      await undoUpTo(Infinity);
      for (const { faults } of endpoints) faults.clear();
    },
  };
}
