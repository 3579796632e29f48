import { createServer, request as askNode } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { createRedisBroker, type Broker } from "@commcoin/broker";
import { startRedisServer } from "@commcoin/broker/testing";
import { createLocalnet, type Endpoint, type Localnet, type LocalnetOptions } from "@commcoin/localnet";
import { createLogger, silentLogger } from "@commcoin/service/telemetry";
import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createCommcoinMarket, relevantSignatures } from "../testing/commcoin-market.ts";
import { ofType } from "../testing/expect-complete.ts";
import { readTopic } from "../testing/read-topic.ts";
import { keepingBroker, startListener } from "../testing/start-listener.ts";

vi.setConfig({ testTimeout: 60_000 });

const portOf = (url: string): number => Number(new URL(url).port);

async function openChain(options: LocalnetOptions = {}): Promise<Localnet> {
  const localnet = await createLocalnet({ slotMs: 50, finalitySlots: 8, ...options });
  onTestFinished(() => localnet.stop());
  return localnet;
}

/** Another chain, or the same one from its beginning, in the place of one. */
async function restart(localnet: Localnet, options: LocalnetOptions = {}): Promise<Localnet> {
  await localnet.stop();
  return openChain({ httpPort: portOf(localnet.httpUrl), wsPort: portOf(localnet.wsUrl), ...options });
}

interface Node {
  readonly httpUrl: string;
  readonly wsUrl: string;
}

async function follow(nodes: readonly Node[], broker: Broker = keepingBroker()) {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({
    name: "listener",
    level: "info",
    destination: { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  });
  const running = await startListener(
    {
      SOLANA_RPC_URL: nodes.map(({ httpUrl }) => httpUrl).join(","),
      SOLANA_WS_URL: nodes.map(({ wsUrl }) => wsUrl).join(","),
      TRANSACTION_LISTENER_AUDIT_INTERVAL: "1",
    },
    { broker, logger },
  );
  onTestFinished(() => running.listener.stop());
  const updates = async () => ofType(await readTopic(broker, "transactions"), "TransactionUpdate");
  return {
    ...running,
    lines,
    updates,
    said: (text: string) => lines.filter(({ msg }) => String(msg).includes(text)),
    ready: () => eventually(async () => expect(await running.ready()).toMatchObject({ status: 200 })),
    body: async () => (await running.ready()).body,
    /** Until everything of the market was told that a chain holds, and how it ended. */
    told: (localnet: Localnet, withinMs?: number) =>
      eventually(async () => {
        const ends = (await updates()).filter(({ data }) => data.status !== "confirmed");
        const ended = new Map(ends.map(({ data }) => [data.transaction_id, data.status]));
        const wanted = relevantSignatures(localnet, new Set());
        expect(wanted.length).toBeGreaterThan(0);
        expect(wanted.filter((signature) => !ended.has(signature))).toEqual([]);
      }, withinMs),
  };
}

const play = (localnet: Localnet, seed: string) => createCommcoinMarket(localnet, seed).play(20);

const brokers: Readonly<Record<string, () => Promise<Broker>>> = {
  memory: () => Promise.resolve(keepingBroker()),
  async redis() {
    const redis = await startRedisServer();
    onTestFinished(() => redis.stop());
    const broker = createRedisBroker({ url: redis.url, logger: silentLogger });
    onTestFinished(() => broker.close());
    return broker;
  },
};

describe("another chain at the same address", () => {
  it.each(Object.keys(brokers))("is followed from its beginning within seconds (%s)", async (kind) => {
    const broker = (await brokers[kind]?.()) as Broker;
    const first = await openChain();
    for (let slots = 0; slots < 2_000; slots += 1) first.advance();
    const { said, told, ready, updates, listener } = await follow([first], broker);
    await ready();
    await play(first, "first");
    await told(first);
    const before = await updates();

    const second = await restart(first);
    await play(second, "second");
    await told(second, 10_000);
    expect(said("of another chain than before")).toMatchObject([
      { from: first.ledger.genesisHash, to: second.ledger.genesisHash },
    ]);
    expect(listener.status()).toMatchObject({ chain: second.ledger.genesisHash, set_aside: [] });
    // Nothing of the first chain is told anything of again, and what is told of the second is not called late.
    const old = new Set(before.map(({ id }) => id));
    const news = (await updates()).filter(({ id }) => !old.has(id));
    const known = new Set(relevantSignatures(first, new Set()));
    expect(news.filter(({ data }) => known.has(data.transaction_id))).toEqual([]);
    expect(news.filter(({ data }) => data.error === "dropped")).toEqual([]);
    await ready();
    await play(second, "more");
    await told(second, 10_000);
    expect((await updates()).at(-1)?.data.slot).toBeLessThan(2_000);
  });

  it("is recognised by who starts again meanwhile", async () => {
    const broker = await (brokers["redis"] as () => Promise<Broker>)();
    const first = await openChain();
    const one = await follow([first], broker);
    await one.ready();
    await play(first, "first");
    await one.told(first);
    await one.listener.stop();
    const second = await restart(first);
    await play(second, "second");
    const other = await follow([second], broker);
    await other.told(second, 10_000);
    expect(other.said("of another chain than before")).toHaveLength(1);
  });
});

describe("the same chain", () => {
  it("is not taken for another one when its node was restored and is far behind", async () => {
    const first = await openChain({ genesis: "restored" });
    const { said, told, ready, listener } = await follow([first]);
    await ready();
    for (let slots = 0; slots < 500; slots += 1) first.advance();
    await play(first, "first");
    await told(first);
    const second = await restart(first, { genesis: "restored" });
    await eventually(() => expect(listener.status().sources[0]?.state).toBe("live"));
    expect(said("another chain")).toEqual([]);
    expect(listener.status().chain).toBe(first.ledger.genesisHash);
    for (let slots = 0; slots < 600; slots += 1) second.advance();
    await play(second, "second");
    await told(second);
  });

  it("is not taken for another one when its node lags", async () => {
    const chain = await openChain({ endpoints: 2 });
    const { said, told, ready, listener } = await follow(chain.endpoints);
    await ready();
    for (let slots = 0; slots < 200; slots += 1) chain.advance();
    chain.endpoints[0]?.disconnect(1006);
    chain.endpoints[0]?.faults.set({ lag: { slots: 150 } });
    await play(chain, "lag");
    await told(chain);
    expect(said("another chain")).toEqual([]);
    expect(listener.status().set_aside).toEqual([]);
  });
});

describe("of two nodes, one of another chain", () => {
  it.each(["from the start", "later"])("is set aside, told, and taken back (%s)", async (when) => {
    const chain = await openChain({ endpoints: 2 });
    const [one, two] = chain.endpoints as readonly [Endpoint, Endpoint];
    const foreign = async (): Promise<Localnet> => {
      await two.down();
      const opened = await openChain({ httpPort: portOf(two.httpUrl), wsPort: portOf(two.wsUrl) });
      await play(opened, "foreign");
      return opened;
    };
    let odd = when === "later" ? null : await foreign();
    const { said, told, ready, body, updates, listener } = await follow([one, two]);
    await ready();
    odd ??= await foreign();
    const aside = [{ endpoint: two.wsUrl, chain: odd.ledger.genesisHash }];
    await eventually(() => expect(listener.status().set_aside).toEqual(aside), 10_000);
    await play(chain, "ours");
    await told(chain);
    expect(said("it is set aside")).toHaveLength(1);
    await eventually(async () =>
      expect(await body()).toMatchObject({
        ready: true,
        checks: { chain: { ok: true, message: `Of another chain, and set aside: ${two.wsUrl}.` } },
      }),
    );
    const foreignOnes = new Set(relevantSignatures(odd, new Set()));
    expect((await updates()).filter(({ data }) => foreignOnes.has(data.transaction_id))).toEqual([]);
    const { slot } = listener.status();
    expect(slot ?? 0).toBeLessThanOrEqual(chain.ledger.openSlot());

    await odd.stop();
    await two.up();
    await eventually(() => expect(listener.status().set_aside).toEqual([]), 15_000);
    await play(chain, "together");
    await told(chain);
  });
});

/** A way to a node whose provider answers this question by itself. */
async function through(node: Node, answer: object): Promise<Node> {
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString();
      const { method, id } = JSON.parse(text) as { method?: string; id?: string };
      if (method === "getGenesisHash") {
        response.end(JSON.stringify({ jsonrpc: "2.0", id, error: answer }));
        return;
      }
      const asked = askNode(node.httpUrl, {
        method: "POST",
        headers: { "content-type": "application/json" },
      });
      asked.end(text);
      const [given] = (await once(asked, "response")) as [NodeJS.ReadableStream];
      given.pipe(response);
      // The node ends before whoever asks it.
    })().catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { httpUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, wsUrl: node.wsUrl };
}

describe("a node that does not tell its genesis hash", () => {
  it.each([{ code: -32_601, message: "Method not found" }])(
    "is followed all the same: $code",
    async (answer) => {
      const chain = await openChain();
      const { told, ready, said } = await follow([await through(chain, answer)]);
      await ready();
      await play(chain, "untold");
      await told(chain);
      expect(said("no node tells")).toHaveLength(1);
    },
  );

  it("is of the chain that another one names", async () => {
    const chain = await openChain({ endpoints: 2 });
    const [one, two] = chain.endpoints as readonly [Endpoint, Endpoint];
    const untold = await through(one, { code: -32_601, message: "Method not found" });
    const { told, ready, listener } = await follow([untold, two]);
    await ready();
    await play(chain, "one of two");
    await told(chain);
    expect(listener.status()).toMatchObject({ chain: chain.ledger.genesisHash, set_aside: [] });
  });
});
