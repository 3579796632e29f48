import type { ServerResponse } from "node:http";
import type { NodesAttack } from "../attack.ts";
import { behaveInTurns } from "./behave-for.ts";

const LASTS_MS = 12_000;
const CHUNK = Buffer.alloc(65_536, "<p>Bad gateway</p>");

/** Writes as fast as the other end reads, without end. */
function pour(response: ServerResponse): void {
  const more = (): void => {
    while (!response.destroyed && response.write(CHUNK));
  };
  response.on("drain", more);
  more();
}

/** A proxy's error page, and an answer, that never end. */
export const endlessBodies: NodesAttack = {
  name: "nodes/endless-bodies",
  scene: "nodes",
  on: "listener",
  async strike(scene, size) {
    let tries = 0;
    await behaveInTurns(scene, size.ms(LASTS_MS), {
      http(_, __, response) {
        const status = [502, 503, 200][tries % 3] ?? 502;
        tries += 1;
        response.writeHead(status, { "content-type": "text/html" });
        pour(response);
        return true;
      },
    });
    return { tries, what: `${tries} answers without end` };
  },
};
