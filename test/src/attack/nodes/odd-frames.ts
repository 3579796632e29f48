import type { NodesAttack } from "../attack.ts";
import { behaveFor } from "./behave-for.ts";

const LASTS_MS = 6_000;
const EVERY_MS = 10;
const LARGE_BYTES = 32 * 1_048_576;
const LARGE_EVERY = 200;

const FRAMES: readonly (string | Buffer)[] = [
  "",
  "Too many requests, please upgrade your plan",
  "<html><body>502 Bad Gateway</body></html>",
  "{",
  "null",
  "[]",
  "7",
  '"text"',
  "1e999",
  '{"jsonrpc":"2.0"}',
  '{"jsonrpc":"2.0","error":{"code":429,"message":"slow down"},"id":null}',
  '{"jsonrpc":"2.0","error":"slow down"}',
  '{"__proto__":{"method":"slotNotification"}}',
  "[".repeat(50_000),
  Buffer.from([0, 1, 2, 255]),
  Buffer.alloc(0),
];

/** Between what an honest node says: texts, pages, binary and empty frames, and some that are far too large. */
export const oddFrames: NodesAttack = {
  name: "nodes/odd-frames",
  scene: "nodes",
  on: "listener",
  async strike(scene, size) {
    let tries = 0;
    const large = Buffer.alloc(LARGE_BYTES, "x");
    await behaveFor(scene, size.ms(LASTS_MS), {
      accompany({ socket }) {
        const timer = setInterval(() => {
          const frame = FRAMES[tries % FRAMES.length] ?? "";
          tries += 1;
          if (socket.readyState !== socket.OPEN || socket.bufferedAmount > LARGE_BYTES) return;
          if (tries % LARGE_EVERY === 0) socket.send(large, { binary: false });
          else socket.send(frame, { binary: typeof frame !== "string" });
        }, EVERY_MS);
        return () => clearInterval(timer);
      },
    });
    return { tries, what: `${FRAMES.length} kinds of frames, and one of 32 MiB after every ${LARGE_EVERY}` };
  },
};
