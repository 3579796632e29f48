import type { Socket } from "node:net";
import { sharedMicros } from "../harness/frame-plan.ts";
import { serve } from "@commcoin/harness";
import { openClient } from "../load/client.ts";
import { createLoopbackAddresses } from "../load/loopback-addresses.ts";

export interface OpenClients {
  readonly port: number;
  /** One after the other, and again from the first. */
  readonly paths: readonly [string, ...string[]];
  readonly count: number;
  /** Handshakes at a time; `count` for all at once. */
  readonly atATime: number;
  /** Messages after which a client counts as open; a gateway's first one says that it has joined. */
  readonly messagesEach: number;
  /** One client in so many notes how old its messages are. */
  readonly sampleEvery?: number;
  /** Once all are open, each reads so rarely what has come, one after the other; 0 for at once. */
  readonly readEveryMs?: number;
  readonly timeoutMs: number;
}

export interface Opened {
  readonly group: number;
  /** From the first attempt until the last client was open. */
  readonly elapsedMs: number;
}

interface Group {
  readonly sockets: Socket[];
  received: number;
  firstPayload: string;
  readonly ages: number[];
  lost: string | null;
  turns: NodeJS.Timeout | null;
}

const SENT = Buffer.from('"sent_us":');
/** Longest number that is read behind `SENT`. */
const MICROS_DIGITS = 16;
const groups: Group[] = [];
const nextAddress = createLoopbackAddresses(process.pid);

const groupAt = (index: number): Group => {
  const group = groups[index];
  if (group === undefined) throw new Error(`There is no group ${index}.`);
  return group;
};

function noteAge(group: Group, bytes: Buffer): void {
  if (group.firstPayload === "") group.firstPayload = bytes.toString();
  const at = bytes.indexOf(SENT);
  if (at < 0) return;
  const sent = Number.parseInt(
    bytes.toString("latin1", at + SENT.length, at + SENT.length + MICROS_DIGITS),
    10,
  );
  group.ages.push(sharedMicros() - sent);
}

/** Lets sockets that stop after each read go on, spread evenly over time. */
function readInTurns(sockets: readonly Socket[], everyMs: number): NodeJS.Timeout {
  const startedAt = performance.now();
  let turn = 0;
  return setInterval(() => {
    const due = ((performance.now() - startedAt) / everyMs) * sockets.length;
    for (; turn < due; turn += 1) sockets[turn % sockets.length]?.resume();
  }, 1);
}

const commands = {
  /** Opens clients and resolves when each of them received `messagesEach`. */
  open: ({
    port,
    paths,
    count,
    atATime,
    messagesEach,
    sampleEvery = 0,
    readEveryMs = 0,
    timeoutMs,
  }: OpenClients): Promise<Opened> =>
    new Promise((resolve, reject) => {
      const group: Group = { sockets: [], received: 0, firstPayload: "", ages: [], lost: null, turns: null };
      const index = groups.push(group) - 1;
      const startedAt = performance.now();
      let begun = 0;
      let open = 0;
      const timer = setTimeout(
        () =>
          reject(
            new Error(`${open} of ${count} clients were open after ${timeoutMs} ms. ${group.lost ?? ""}`),
          ),
        timeoutMs,
      );
      const begin = (): void => {
        const wantsPayload = sampleEvery > 0 && begun % sampleEvery === 0;
        const path = paths[begun % paths.length] ?? paths[0];
        begun += 1;
        let missing = messagesEach;
        group.sockets.push(
          openClient({
            port,
            path,
            from: nextAddress(),
            wantsPayload,
            isPatient: () => group.turns !== null,
            events: {
              messages(messages) {
                group.received += messages;
                if (missing <= 0) return;
                missing -= messages;
                if (missing > 0) return;
                open += 1;
                if (begun < count) begin();
                if (open < count) return;
                clearTimeout(timer);
                if (readEveryMs > 0) group.turns = readInTurns(group.sockets, readEveryMs);
                resolve({ group: index, elapsedMs: performance.now() - startedAt });
              },
              payload: (bytes) => noteAge(group, bytes),
              ended: (reason) => {
                group.lost ??= reason;
              },
            },
          }),
        );
      };
      while (begun < Math.min(count, atATime)) begin();
    }),

  received: (group: number): number => groupAt(group).received,

  /** The first message that a sampled client received. */
  firstPayload: (group: number): string => groupAt(group).firstPayload,

  /** Resolves when a group received so many messages in all. */
  async waitFor(index: number, messages: number, timeoutMs: number): Promise<void> {
    const group = groupAt(index);
    const deadline = performance.now() + timeoutMs;
    while (group.received < messages) {
      if (group.lost !== null) throw new Error(`A client was lost: ${group.lost}`);
      if (performance.now() > deadline) {
        throw new Error(`${group.received} of ${messages} messages arrived within ${timeoutMs} ms.`);
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  },

  /** Ages of the messages that sampled clients received since the last call, in microseconds. */
  takeAges: (group: number): Float64Array => Float64Array.from(groupAt(group).ages.splice(0)),

  async close(index: number): Promise<void> {
    const { sockets, turns } = groupAt(index);
    if (turns !== null) clearInterval(turns);
    for (const socket of sockets) socket.resetAndDestroy();
    await Promise.all(
      sockets.map((socket) =>
        socket.closed ? Promise.resolve() : new Promise((resolve) => socket.once("close", resolve)),
      ),
    );
    sockets.length = 0;
  },
};

export type ClientCommands = typeof commands;

serve(commands);
