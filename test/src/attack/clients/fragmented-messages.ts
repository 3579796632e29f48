import type { ServicesAttack } from "../attack.ts";
import { clientFrame, FIN, opcode } from "../support/frame.ts";
import { many } from "../support/many.ts";
import { SILENT_ENDED_WITHIN_MS } from "../scene.ts";
import { openUpgraded, type RawSocket } from "../support/raw-socket.ts";

const CLIENTS = 200;
const AT_A_TIME = 100;
const FRAGMENT_BYTES = 4_096;
/** Far beyond what one message may have. */
const ENDLESS_FRAGMENTS = 512;
const EMPTY_FRAGMENTS = 5_000;

/** A message in fragments of one byte, with a ping after each. */
const crumbs = (): Buffer => {
  const text = JSON.stringify({ type: "ping", id: "crumbs" }).split("");
  return Buffer.concat(
    text.flatMap((letter, index) => {
      const last = index === text.length - 1 ? FIN : 0;
      return [
        clientFrame(last | (index === 0 ? opcode.text : 0), letter),
        clientFrame(FIN | opcode.ping, ""),
      ];
    }),
  );
};
const endless = (): Buffer =>
  Buffer.concat(
    Array.from({ length: ENDLESS_FRAGMENTS }, (_, index) =>
      clientFrame(index === 0 ? opcode.text : opcode.continuation, "x".repeat(FRAGMENT_BYTES)),
    ),
  );
const empty = (): Buffer =>
  Buffer.concat(
    Array.from({ length: EMPTY_FRAGMENTS }, (_, index) =>
      clientFrame(index === 0 ? opcode.text : opcode.continuation),
    ),
  );

const closesIn = async (raw: RawSocket, ms: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const impatience = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const closed = await Promise.race([raw.closed.then(() => true), impatience]);
  clearTimeout(timer);
  return closed;
};

/** Messages in fragments: tiny ones that are a message in the end, too many of them, and empty ones until the heartbeat. */
export const fragmentedMessages: ServicesAttack = {
  name: "clients/fragmented-messages",
  scene: "services",
  on: "gateway",
  async strike({ gateway }, size) {
    const kinds = [crumbs, endless, empty];
    const count = Math.max(kinds.length, size.count(CLIENTS));
    const outcomes = await many(count, AT_A_TIME, async (index) => {
      const kind = kinds[index % kinds.length] ?? crumbs;
      const raw = await openUpgraded(gateway.port, "/ws?user_id=crumbs");
      raw.write(kind());
      const ended = kind === crumbs ? await hasPong(raw) : await closesIn(raw, SILENT_ENDED_WITHIN_MS);
      raw.destroy();
      return ended ? null : kind.name;
    });
    const bad = outcomes.filter((name) => name !== null);
    return {
      tries: count,
      what: `${count} clients, one third each: crumbs, endless, empty`,
      problems:
        bad.length === 0 ? [] : [`not as it should be for ${bad.length}: ${[...new Set(bad)].join(", ")}`],
    };
  },
};

const PONG_POLL_MS = 10;
async function hasPong(raw: RawSocket): Promise<boolean> {
  const deadline = performance.now() + SILENT_ENDED_WITHIN_MS;
  while (performance.now() < deadline && !raw.isClosed) {
    if (raw.head().includes('"id":"crumbs"')) return true;
    await closesIn(raw, PONG_POLL_MS);
  }
  return raw.head().includes('"id":"crumbs"');
}
