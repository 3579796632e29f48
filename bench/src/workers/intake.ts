import { createSubscriptions, openChannel, readLogsNotification } from "@commcoin/listener/parts";
import { WebSocket } from "ws";
import { serve } from "@commcoin/harness";

const ADDRESS = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";

/** CPU of this process while it reads, in microseconds. */
async function cpuOf(read: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await read();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

const commands = {
  /** The least that has to be done: `ws` and `JSON.parse`. */
  raw: (url: string, count: number): Promise<number> =>
    cpuOf(
      () =>
        new Promise((resolve, reject) => {
          const socket = new WebSocket(url, { perMessageDeflate: false });
          const subscribe = { jsonrpc: "2.0", id: 1, method: "logsSubscribe", params: ["all"] };
          let left = count;
          socket.on("open", () => socket.send(JSON.stringify(subscribe)));
          socket.on("error", reject);
          socket.on("message", (data: Buffer) => {
            const { method } = JSON.parse(data.toString("utf8")) as { method?: string };
            if (method !== "logsNotification") return;
            left -= 1;
            if (left > 0) return;
            socket.terminate();
            resolve();
          });
        }),
    ),

  /** What the listener does until it has a notification that is checked. */
  listener: (url: string, count: number): Promise<number> =>
    cpuOf(async () => {
      const stop = new AbortController();
      const channel = await openChannel({ url, signal: stop.signal });
      const notifications = await createSubscriptions(channel)
        .logsNotifications({ mentions: [ADDRESS] }, { commitment: "confirmed" })
        .subscribe({ abortSignal: stop.signal });
      let left = count;
      for await (const value of notifications) {
        const read = readLogsNotification(value);
        if (read === null || read === "simulation") throw new Error("That was no notification of logs.");
        left -= 1;
        if (left === 0) break;
      }
      stop.abort();
    }),
};

export type IntakeCommands = typeof commands;

serve(commands);
