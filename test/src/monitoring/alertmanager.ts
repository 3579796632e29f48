import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { z } from "zod";
import { freePort } from "../support/free-port.ts";
import { startProgram } from "./program.ts";

/** As Debian calls it. */
export const ALERTMANAGER = "prometheus-alertmanager";

const configuration = new URL("../../../infra/prometheus/alertmanager.yml", import.meta.url);
const notice = z.object({
  receiver: z.string(),
  alerts: z.array(
    z.object({
      status: z.enum(["firing", "resolved"]),
      labels: z.record(z.string(), z.string()),
      annotations: z.record(z.string(), z.string()),
    }),
  ),
});

export interface Alertmanager {
  readonly url: string;
  /** Everything that receivers were told so far. */
  readonly notices: readonly z.infer<typeof notice>[];
  stop(): Promise<void>;
}

/** An Alertmanager with the example configuration, which tells us instead of people, and sooner. */
export async function startAlertmanager(): Promise<Alertmanager> {
  const notices: z.infer<typeof notice>[] = [];
  const receiver = createServer((request, response) => {
    void json(request).then((body) => {
      notices.push(notice.parse(body));
      response.end();
    });
  }).listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const directory = await mkdtemp(join(tmpdir(), "commcoin-alertmanager-"));
  const file = join(directory, "alertmanager.yml");
  const address = `127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  const text = await readFile(configuration, "utf8");
  await writeFile(
    file,
    text.replaceAll("notify.example", address).replaceAll(/(group_(?:wait|interval)): \w+/g, "$1: 1s"),
  );
  const port = await freePort();
  const program = await startProgram(
    ALERTMANAGER,
    [
      `--config.file=${file}`,
      `--storage.path=${directory}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--cluster.listen-address=",
    ],
    { port, directory },
  );
  return {
    url: program.url,
    notices,
    async stop() {
      await program.stop();
      receiver.close();
      receiver.closeAllConnections();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
