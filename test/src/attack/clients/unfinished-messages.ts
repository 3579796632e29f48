import { setTimeout as delay } from "node:timers/promises";
import type { ServicesAttack } from "../attack.ts";
import { clientFrame, FIN, opcode } from "../support/frame.ts";
import { many } from "../support/many.ts";
import { SILENT_ENDED_WITHIN_MS } from "../scene.ts";
import { openUpgraded, type RawSocket } from "../support/raw-socket.ts";
import { readVitals } from "../support/vitals.ts";

const CLIENTS = 300;
const AT_A_TIME = 25;
const PONG_EVERY_MS = 1_000;
const LIMIT_BYTES = 65_536;
/** What one connection may cost beyond its unfinished message. */
const MARGIN_BYTES = 32_768;
/** Of the process, for anything else that goes on. */
const SLACK_BYTES = 48 * 1_048_576;
const MEBIBYTE = 1_048_576;

/**
 * Beginnings of messages: within the limit and far beyond it, in one frame, where what follows is no pong and the heartbeat
 * ends the connection; and as the first of several frames, between which pongs may stand (ADR 15).
 */
const BEGINNINGS: readonly (() => Buffer)[] = [
  () => clientFrame(FIN | opcode.text, "x".repeat(LIMIT_BYTES - 1_000), LIMIT_BYTES - 100),
  () => clientFrame(FIN | opcode.text, "x".repeat(MEBIBYTE - 1_000), MEBIBYTE),
  () => clientFrame(opcode.text, "x".repeat(LIMIT_BYTES - 600)),
  () =>
    Buffer.concat(
      Array.from({ length: 60 }, (_, n) => clientFrame(n === 0 ? opcode.text : 0, "x".repeat(1_024))),
    ),
];

const isOneFrame = (index: number): boolean => index % BEGINNINGS.length < 2;

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
    const deadline = performance.now() + SILENT_ENDED_WITHIN_MS;
    const left = (): readonly RawSocket[] => crowd.filter(({ isClosed }) => !isClosed);
    const waiting = (): number =>
      crowd.filter(({ isClosed }, index) => isOneFrame(index) && !isClosed).length;
    while (waiting() > 0 && performance.now() < deadline) {
      for (const raw of left()) raw.write(clientFrame(FIN | opcode.pong));
      await delay(PONG_EVERY_MS);
    }
    const [open, late] = [left().length, waiting()];
    const grownBy = (await readVitals(gateway.pid)).peakBytes - rssBytes;
    for (const raw of crowd) raw.destroy();
    const mayGrowBy = clients * (LIMIT_BYTES + MARGIN_BYTES) + SLACK_BYTES;
    return {
      tries: clients,
      what: `${clients - open} of ${clients} were ended, ${open} give signs of life between frames`,
      problems: [
        ...(late === 0 ? [] : [`${late} unfinished frames were still waited for after the heartbeat`]),
        ...(grownBy <= mayGrowBy
          ? []
          : [`${(grownBy / clients / 1_024).toFixed(0)} KiB of memory for each unfinished message`]),
      ],
    };
  },
};
