import { setTimeout as delay } from "node:timers/promises";
import type { ServicesAttack } from "../attack.ts";
import { clientFrame, FIN, opcode } from "../support/frame.ts";
import { many } from "../support/many.ts";
import { openUpgraded, type RawSocket } from "../support/raw-socket.ts";
import { readVitals } from "../support/vitals.ts";

const CLIENTS = 300;
const AT_A_TIME = 25;
const PONG_EVERY_MS = 1_000;
/** A message may stay unfinished for 10 s; the rest is for a busy machine. */
const ENDED_WITHIN_MS = 20_000;
const LIMIT_BYTES = 65_536;
/** What one connection may cost beyond its unfinished message. */
const MARGIN_BYTES = 32_768;
/** Of the process, for anything else that goes on. */
const SLACK_BYTES = 48 * 1_048_576;
const MEBIBYTE = 1_048_576;

/** Beginnings of messages: within the limit and far beyond it, in one frame and as the first of several. */
const BEGINNINGS: readonly (() => Buffer)[] = [
  () => clientFrame(FIN | opcode.text, "x".repeat(LIMIT_BYTES - 1_000), LIMIT_BYTES - 100),
  () => clientFrame(FIN | opcode.text, "x".repeat(MEBIBYTE - 1_000), MEBIBYTE),
  () => clientFrame(opcode.text, "x".repeat(LIMIT_BYTES - 600)),
  () =>
    Buffer.concat(
      Array.from({ length: 60 }, (_, n) => clientFrame(n === 0 ? opcode.text : 0, "x".repeat(1_024))),
    ),
];

/** Messages that never end, from clients that give every sign of life beside. */
export const unfinishedMessages: ServicesAttack = {
  name: "clients/unfinished-messages",
  scene: "services",
  on: "gateway",
  async strike({ gateway }, size) {
    const { rssBytes } = await readVitals(gateway.pid);
    const clients = size.count(CLIENTS);
    const crowd = await many<RawSocket>(clients, AT_A_TIME, async (index) => {
      const raw = await openUpgraded(gateway.port, "/ws?user_id=slow");
      raw.write(BEGINNINGS[index % BEGINNINGS.length]?.() ?? "");
      return raw;
    });
    const deadline = performance.now() + ENDED_WITHIN_MS;
    const left = (): readonly RawSocket[] => crowd.filter(({ isClosed }) => !isClosed);
    while (left().length > 0 && performance.now() < deadline) {
      // Inside of a frame it is not a pong but more of the message; that is up to the server.
      for (const raw of left()) raw.write(clientFrame(FIN | opcode.pong));
      await delay(PONG_EVERY_MS);
    }
    const open = left().length;
    const grownBy = (await readVitals(gateway.pid)).peakBytes - rssBytes;
    for (const raw of crowd) raw.destroy();
    const mayGrowBy = clients * (LIMIT_BYTES + MARGIN_BYTES) + SLACK_BYTES;
    return {
      tries: clients,
      what: `${clients - open} of ${clients} were ended`,
      problems: [
        ...(open === 0 ? [] : [`${open} unfinished messages were still waited for after 20 s`]),
        ...(grownBy <= mayGrowBy
          ? []
          : [`${(grownBy / clients / 1_024).toFixed(0)} KiB of memory for each unfinished message`]),
      ],
    };
  },
};
