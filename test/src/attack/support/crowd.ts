import { setTimeout as delay } from "node:timers/promises";
import { WebSocket } from "ws";
import { many } from "./many.ts";

/** A client that means harm, and what became of its connection. */
export interface Member {
  readonly socket: WebSocket;
  /** Frames by type, as far as they came. */
  readonly received: Map<string, number>;
  closeCode: number | null;
}

const TYPE = /^\{"type":"(\w+)"/;
/** A frame names its type first; an error its code soon after. */
const HEAD_BYTES = 160;
const ERROR_CODE = /"code":"(\w+)"/;

const kindOf = (data: Buffer): string => {
  const head = data.subarray(0, HEAD_BYTES).toString();
  const type = TYPE.exec(head)?.[1] ?? "?";
  return type === "error" ? (ERROR_CODE.exec(head)?.[1] ?? type) : type;
};

const HANDSHAKE_MS = 20_000;
const AT_A_TIME = 50;

/** Opens a connection; resolves once it is open or was refused, and never throws. */
export function openMember(port: number, path: string): Promise<Member> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
    perMessageDeflate: false,
    handshakeTimeout: HANDSHAKE_MS,
  });
  const member: Member = { socket, received: new Map(), closeCode: null };
  socket.on("message", (data: Buffer) => {
    const kind = kindOf(data);
    member.received.set(kind, (member.received.get(kind) ?? 0) + 1);
  });
  socket.on("close", (code) => {
    member.closeCode = code;
  });
  // It is closed after it.
  socket.on("error", () => {});
  return new Promise((resolve) => {
    socket.once("open", () => resolve(member));
    socket.once("close", () => resolve(member));
  });
}

export const openCrowd = (port: number, count: number, path: string): Promise<readonly Member[]> =>
  many(count, AT_A_TIME, () => openMember(port, path));

export const total = (crowd: readonly Member[], kind: string): number =>
  crowd.reduce((sum, { received }) => sum + (received.get(kind) ?? 0), 0);

export const disperse = (crowd: readonly Member[]): void => {
  for (const { socket } of crowd) socket.terminate();
};

/** Below the 50 frames a second that a client may send. */
const PER_SECOND = 45;

/** All members ask for something as fast as they may. @returns how often. */
export async function askOnAndOn(
  crowd: readonly Member[],
  lastsMs: number,
  ask: (id: number) => object,
): Promise<number> {
  const until = performance.now() + lastsMs;
  let tries = 0;
  while (performance.now() < until) {
    for (const { socket } of crowd) {
      if (socket.readyState !== socket.OPEN) continue;
      tries += 1;
      socket.send(JSON.stringify(ask(tries)));
    }
    await delay(1_000 / PER_SECOND);
  }
  return tries;
}

const POLL_MS = 20;
const NEWCOMER_WITHIN_MS = 5_000;
const NEWCOMER_EVERY_MS = 200;

/** Honest clients that come during an attack, one after the other. @returns what went wrong for them. */
export async function greetNewcomers(port: number, count: number): Promise<readonly string[]> {
  const problems: string[] = [];
  for (let newcomer = 0; newcomer < count; newcomer += 1) {
    const member = await openMember(port, "/ws?user_id=newcomer&subscriptions=market_data");
    const deadline = performance.now() + NEWCOMER_WITHIN_MS;
    while (total([member], "connected") === 0 && member.closeCode === null && performance.now() < deadline) {
      await delay(POLL_MS);
    }
    if (total([member], "connected") === 0) problems.push(String(member.closeCode ?? "silence"));
    member.socket.terminate();
    await delay(NEWCOMER_EVERY_MS);
  }
  return problems.length === 0
    ? []
    : [`${problems.length} of ${count} newcomers were not greeted: ${[...new Set(problems)].join(", ")}`];
}
