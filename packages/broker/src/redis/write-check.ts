import { randomBytes } from "node:crypto";
import type { Clock } from "@commcoin/service/lifecycle";
import { isRedirect } from "./commands.ts";
import { DEMOTED } from "./connect.ts";
import type { Keys } from "./keys.ts";
import type { Nodes, RedisNode } from "./nodes.ts";
import { withAdvice } from "./refusal-advice.ts";
import { SLOTS, slotOf } from "./slot.ts";

/** So often something is written while all is well, and while it is refused. */
const EVERY_MS = 2_000;
const EVERY_REFUSED_MS = 1_000;
const KEY_TTL_MS = 10_000;

/** Proves that Redis takes what is written. */
export interface WriteCheck {
  /** Looks whether it is time to write; to be called at least twice a second. */
  tick(): void;
  /** What Redis refuses, in its words, and what to do; null while it takes what is written, or is not there. */
  refusal(): string | null;
  /** The same where Redis has become a replica: connections to it are given up again and again, to find the master. */
  demotion(): string | null;
}

interface Standing {
  key: string;
  nextAt: number;
  open: boolean;
  refusal: string | null;
}

const isDemotion = (refusal: string | null | undefined): boolean => refusal?.startsWith("READONLY") === true;
const OF_A_SCRIPT = / script: .*$/s;

/**
 * A Redis that is full, that cannot save, that lost its replicas or its master's role answers every ping and refuses every
 * write. So each node is given a key of this process' own to write, now and then.
 * @param changed is called when what is refused changed.
 */
export function createWriteCheck({
  nodes,
  keys,
  clock,
  hide,
  changed,
}: {
  readonly nodes: () => Nodes;
  readonly keys: Keys;
  readonly clock: Clock;
  /** Takes secrets out of what Redis says. */
  readonly hide: (text: string) => string;
  readonly changed: () => void;
}): WriteCheck {
  const id = randomBytes(6).toString("base64url");
  const standings = new WeakMap<RedisNode, Standing>();

  const holds = (node: RedisNode, key: string): boolean =>
    !nodes().sharded || nodes().at(slotOf(key)) === node;
  /** A key whose slot is this node's; null when it has none. */
  const keyFor = (node: RedisNode): string | null => {
    for (let salt = 0; salt < 4 * SLOTS; salt += 1) {
      const key = keys.check(id, salt);
      if (holds(node, key)) return key;
    }
    return null;
  };
  const note = (node: RedisNode, refusal: string | null): void => {
    const standing = standings.get(node);
    if (standing === undefined || standing.refusal === refusal) return;
    standing.refusal = refusal;
    changed();
  };
  const listen = (node: RedisNode): void => {
    node.commands.on(DEMOTED, (error: Error) => {
      if (!isDemotion(standings.get(node)?.refusal)) note(node, hide(error.message.replace(OF_A_SCRIPT, "")));
    });
    // It is not there any more: what it refused does not matter.
    node.commands.on("error", () => {
      if (isDemotion(standings.get(node)?.refusal)) note(node, null);
    });
    node.commands.on("ready", () => {
      const standing = standings.get(node);
      if (standing !== undefined && !standing.open) void write(node, standing);
    });
  };
  const standingOf = (node: RedisNode): Standing | null => {
    const existing = standings.get(node);
    if (existing !== undefined && holds(node, existing.key)) return existing;
    const key = keyFor(node);
    if (key === null) return null;
    if (existing === undefined) listen(node);
    const created = { key, nextAt: 0, open: false, refusal: existing?.refusal ?? null };
    standings.set(node, created);
    return created;
  };
  const write = async (node: RedisNode, standing: Standing): Promise<void> => {
    standing.open = true;
    try {
      await node.commands.set(standing.key, "", "PX", KEY_TTL_MS);
      note(node, null);
    } catch (error) {
      // What went wrong on the way is told by whoever watches the connection.
      if (error instanceof Error && error.name === "ReplyError" && !isRedirect(error)) {
        note(node, hide(error.message));
      }
    }
    standing.open = false;
    standing.nextAt = clock.monotonic() + (standing.refusal === null ? EVERY_MS : EVERY_REFUSED_MS);
  };

  const find = (matters: (refusal: string) => boolean): string | null => {
    for (const node of nodes().all()) {
      const refusal = standings.get(node)?.refusal ?? null;
      if (refusal !== null && matters(refusal)) {
        return `Redis at ${node.name} refuses what is written: ${withAdvice(refusal)}`;
      }
    }
    return null;
  };

  return {
    tick() {
      for (const node of nodes().all()) {
        if (node.commands.status !== "ready") continue;
        const standing = standingOf(node);
        if (standing !== null && !standing.open && clock.monotonic() >= standing.nextAt) {
          void write(node, standing);
        }
      }
    },
    refusal: () => find(() => true),
    demotion: () => find(isDemotion),
  };
}
