import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import type { NodesAttack } from "../attack.ts";
import { behaveInTurns } from "./behave-for.ts";

const LASTS_MS = 6_000;
const MEMBER_BYTES = 16 * 1_048_576;
/** A gzip body may have several members: so many make it a gibibyte. */
const MEMBERS = 64;

type Bomb = readonly [encoding: string, bytes: Buffer];

function makeBombs(): readonly Bomb[] {
  const zeros = Buffer.alloc(MEMBER_BYTES);
  const member = gzipSync(zeros);
  const fast = { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } };
  return [
    ["gzip", Buffer.concat(Array.from({ length: MEMBERS }, () => member))],
    ["br", brotliCompressSync(Buffer.alloc(MEMBER_BYTES * 16), fast)],
    ["deflate", deflateSync(Buffer.alloc(MEMBER_BYTES * 16))],
    ["gzip, gzip", gzipSync(Buffer.concat(Array.from({ length: MEMBERS }, () => member)))],
  ];
}

/** Answers that are small on the wire and a gibibyte when they are unpacked. */
export const compressedBombs: NodesAttack = {
  name: "nodes/compressed-bombs",
  scene: "nodes",
  on: "listener",
  async strike(scene, size) {
    let tries = 0;
    const bombs = makeBombs();
    await behaveInTurns(scene, size.ms(LASTS_MS), {
      http(_, __, response) {
        const [encoding, bytes] = bombs[tries % bombs.length] ?? ["gzip", Buffer.alloc(0)];
        tries += 1;
        response
          .writeHead(tries % 2 === 0 ? 200 : 502, {
            "content-type": "application/json",
            "content-encoding": encoding,
          })
          .end(bytes);
        return true;
      },
    });
    return { tries, what: `${tries} answers in ${bombs.length} encodings` };
  },
};
