import { serve } from "@commcoin/harness";
import { Follower } from "../load/follower.ts";
import { createLoopbackAddresses } from "../load/loopback-addresses.ts";

const nextAddress = createLoopbackAddresses(process.pid);
const groups: (readonly Follower[])[] = [];
const AT_A_TIME = 100;
const LOOK_INTERVAL_MS = 20;

const groupAt = (index: number): readonly Follower[] => {
  const group = groups[index];
  if (group === undefined) throw new Error(`There is no group ${index}.`);
  return group;
};

const openAll = async (followers: readonly Follower[], atATime: number): Promise<void> => {
  for (let at = 0; at < followers.length; at += atATime) {
    await Promise.all(followers.slice(at, at + atATime).map((follower) => follower.open()));
  }
};

const commands = {
  /** Opens clients that follow a topic; returns their group. */
  async open(port: number, topic: string, count: number): Promise<number> {
    const group = Array.from({ length: count }, () => new Follower(topic, port, nextAddress()));
    await openAll(group, AT_A_TIME);
    return groups.push(group) - 1;
  },

  freeze(index: number): void {
    for (const follower of groupAt(index)) follower.freeze();
  },

  /** Lets frozen clients that the server gave up read to their end; returns how often each end was met. */
  async thaw(index: number): Promise<Readonly<Record<string, number>>> {
    const group = groupAt(index);
    await Promise.all(group.map((follower) => follower.thaw()));
    const ends: Record<string, number> = {};
    for (const { ended } of group) ends[ended ?? "open"] = (ends[ended ?? "open"] ?? 0) + 1;
    return ends;
  },

  /** All at once, each from its own position. */
  resume: (index: number): Promise<void> => openAll(groupAt(index), groupAt(index).length),

  /** Resolves when everybody in the group has reached an offset. */
  async waitFor(index: number, offset: number, timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const behind = groupAt(index).filter((follower) => follower.offset < offset);
      if (behind.length === 0) return;
      if (performance.now() > deadline) {
        throw new Error(`${behind.length} clients have not reached ${offset} within ${timeoutMs} ms.`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
    }
  },

  /** What the clients of a group counted, all together. */
  counts(index: number): { readonly open: number; readonly missed: number; readonly repeated: number } {
    const counts = { open: 0, missed: 0, repeated: 0 };
    for (const follower of groupAt(index)) {
      if (follower.ended === null) counts.open += 1;
      counts.missed += follower.missed;
      counts.repeated += follower.repeated;
    }
    return counts;
  },
};

export type FollowerCommands = typeof commands;

serve(commands);
