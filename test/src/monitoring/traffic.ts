import { createHmac } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { openMember, type Member as Client } from "../attack/support/crowd.ts";
import { repeatedly } from "./repeatedly.ts";
import { ADMIN_TOKEN, JWT_SECRET, PER_USER } from "./settings.ts";

/** What clients and operators do all day, their mistakes included. */
export interface Traffic {
  stop(): Promise<void>;
}

interface Ports {
  readonly gateway: number;
  readonly workers: number;
  readonly admin: number;
}

const READERS = 20;
const PAUSE_MS = 700;
const TOPICS = "transactions,token_updates,market_data";

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
function tokenOf(user: string): string {
  const signed = `${part({ alg: "HS256" })}.${part({ sub: user, exp: Math.floor(Date.now() / 1_000) + 3_600 })}`;
  return `${signed}.${createHmac("sha256", JWT_SECRET).update(signed).digest("base64url")}`;
}

const send = ({ socket }: Client, type: string, data: object = {}): void => {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify({ type, data }));
};

/** The first frame names each topic with its epoch and offset. */
const positionIn = (frame: string): string | null => {
  const [, epoch, offset] = /"topic":"transactions","epoch":"([^"]+)","offset":(\d+)/.exec(frame) ?? [];
  return epoch === undefined ? null : `transactions@${epoch}:${Math.max(0, Number(offset) - 1)}`;
};

/** A client that comes, does a little of everything, and comes back with its position. */
async function visit(port: number): Promise<void> {
  const client = await openMember(port, "/ws?user_id=visitor&subscriptions=transactions");
  const greeting = new Promise<string>((resolve) => {
    client.socket.once("message", (data: Buffer) => resolve(data.toString()));
  });
  send(client, "subscribe", { topic: "Not A Topic" });
  send(client, "subscribe", { topic: "market_data", conflate: true });
  send(client, "subscribe", { topic: "account:So11111111111111111111111111111111111111112" });
  send(client, "history", { topic: "transactions", limit: 5 });
  send(client, "ping");
  const frame = await Promise.race([greeting, delay(PAUSE_MS, "")]);
  client.socket.terminate();
  const position = positionIn(frame);
  if (position === null) return;
  const again = await openMember(port, `/ws?user_id=visitor&subscriptions=transactions&since=${position}`);
  await delay(PAUSE_MS / 2);
  again.socket.terminate();
}

/** Whoever is refused, in each way that does not need a fault. */
async function beRefused({ gateway, workers }: Ports): Promise<void> {
  const clients = await Promise.all([
    openMember(gateway, "/ws?since=nonsense"),
    openMember(workers, "/ws?token=not.a.token"),
    ...Array.from({ length: PER_USER + 1 }, () => openMember(gateway, "/ws?user_id=many")),
  ]);
  await delay(PAUSE_MS / 2);
  for (const { socket } of clients) socket.terminate();
}

async function operate({ admin }: Ports): Promise<void> {
  const ask = (path: string, body?: object): Promise<unknown> =>
    fetch(`http://127.0.0.1:${admin}${path}`, {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    }).then((answer) => answer.text());
  await Promise.all(
    ["/api/servers", "/api/connections", "/api/topics", "/api/listener"].map((path) => ask(path)),
  );
  await ask("/api/ws/broadcast", {
    type: "Notification",
    target: { topic: "notifications" },
    data: { user_id: null, title: "test", message: "test", notification_type: "test" },
  });
}

export function startTraffic(ports: Ports): Traffic {
  const readers: Client[] = [];
  /** Readers come back when they were cut off, as real ones do. */
  const seat = async (index: number): Promise<void> => {
    const path = `/ws?user_id=reader-${index}&subscriptions=${TOPICS}`;
    const client =
      index % 2 === 0
        ? await openMember(ports.gateway, path)
        : await openMember(ports.workers, `${path}&token=${tokenOf(`reader-${index}`)}`);
    readers[index] = client;
  };
  const takeSeats = async (): Promise<void> => {
    const empty = Array.from({ length: READERS }, (_, index) => index).filter(
      (index) => readers[index]?.closeCode !== null,
    );
    await Promise.all(empty.map(seat));
  };
  const round = async (): Promise<void> => {
    await takeSeats();
    await visit(ports.gateway);
    await beRefused(ports);
    await operate(ports);
  };
  const end = repeatedly(async () => {
    // Services are down at times: that is what the stage is for.
    await round().catch(() => {});
    await delay(PAUSE_MS);
  });
  return {
    async stop() {
      await end();
      for (const { socket } of readers) socket?.terminate();
    },
  };
}
