import { setTimeout as delay } from "node:timers/promises";
import { BrokerUnavailableError } from "../broker.ts";
import { groupBy } from "./group-by.ts";
import type { Nodes, RedisNode } from "./nodes.ts";
import {
  runScript,
  runScriptBuffer,
  runScripts,
  type ScriptArguments,
  type ScriptName,
  type ScriptOutcome,
} from "./scripts.ts";
import { slotOf } from "./slot.ts";

/** How long a command is sent again to a cluster that is moving the slot. */
export const REDIRECT_TIMEOUT_MS = 5_000;
export const REDIRECT_PAUSE_MS = 50;

/**
 * Whether a node refused a command because its slot is elsewhere or on its way: it was not executed, so that it may be sent
 * again. `ASK` and `TRYAGAIN` end when the slot has arrived: a script whose keys are on both nodes can run on neither.
 */
export const isRedirect = (error: unknown): boolean =>
  error instanceof Error && /^(?:MOVED|ASK|TRYAGAIN) /.test(error.message);

/** Runs commands on the node that holds what they are about: the slot of the first key. */
export interface Commands {
  run(name: ScriptName, args: ScriptArguments): Promise<unknown>;
  /** On the connection for history. Text in the reply stays bytes. */
  runHistory(args: ScriptArguments): Promise<unknown>;
  /** Runs a script once for each list of arguments, in one write for each node. Never rejects. */
  runEach(name: ScriptName, calls: readonly ScriptArguments[]): Promise<readonly ScriptOutcome[]>;
  /** A plain command on one key. */
  call(command: string, key: string, ...args: readonly string[]): Promise<unknown>;
  /** Keeps the order of calls. */
  publish(channel: string, message: string): Promise<unknown>;
}

export const noNode = (): BrokerUnavailableError =>
  new BrokerUnavailableError("No node of the Redis Cluster holds this at present.");

export function createCommands(nodes: Nodes): Commands {
  const slotOfCall = (args: ScriptArguments): number => (nodes.sharded ? slotOf(String(args[0])) : 0);

  const onNode = async (slot: number, command: (node: RedisNode) => Promise<unknown>): Promise<unknown> => {
    const deadline = performance.now() + REDIRECT_TIMEOUT_MS;
    for (;;) {
      const node = nodes.at(slot);
      if (node === null) throw noNode();
      try {
        return await command(node);
      } catch (error) {
        if (!isRedirect(error) || performance.now() > deadline) throw error;
      }
      await delay(REDIRECT_PAUSE_MS);
      await nodes.refresh();
    }
  };
  const run: Commands["run"] = (name, args) =>
    onNode(slotOfCall(args), ({ commands }) => runScript(commands, name, args));

  let published: Promise<unknown> = Promise.resolve();

  return {
    run,
    runHistory: (args) =>
      onNode(slotOfCall(args), ({ commands, history }) =>
        // While it comes back, the other one has to do: reads are made in pieces.
        runScriptBuffer(history.status === "ready" ? history : commands, "commcoinHistory", args),
      ),

    call: (command, key, ...args) =>
      onNode(nodes.sharded ? slotOf(key) : 0, ({ commands }) => commands.call(command, key, ...args)),

    async runEach(name, calls) {
      const byNode = groupBy(calls.keys(), (index) => nodes.at(slotOfCall(calls[index] ?? [])));
      const outcomes: ScriptOutcome[] = [];
      await Promise.all(
        [...byNode].map(async ([node, indexes]) => {
          const found =
            node === null
              ? []
              : await runScripts(
                  node.commands,
                  name,
                  indexes.map((index) => calls[index] ?? []),
                );
          for (const [place, index] of indexes.entries()) outcomes[index] = found[place] ?? [noNode(), null];
        }),
      );
      // The few that came to the wrong node go alone.
      await Promise.all(
        outcomes.map(async ([error], index) => {
          if (!isRedirect(error)) return;
          outcomes[index] = await run(name, calls[index] ?? []).then(
            (reply) => [null, reply] as const,
            (reason: unknown) =>
              [reason instanceof Error ? reason : new Error(String(reason)), null] as const,
          );
        }),
      );
      return outcomes;
    },

    async publish(channel, message) {
      if (!nodes.sharded) return onNode(0, ({ commands }) => commands.publish(channel, message));
      // One that is sent again must not be overtaken.
      const send = (): Promise<unknown> =>
        onNode(slotOf(channel), ({ commands }) => commands.spublish(channel, message));
      const sent = published.then(send, send);
      published = sent.catch(() => {});
      return sent;
    },
  };
}
