import type { ListenerStatus } from "@commcoin/broker";
import { createLocalnet, type Localnet } from "@commcoin/localnet";
import { expect, it, onTestFinished, vi } from "vitest";
import { createCommcoinMarket } from "../testing/commcoin-market.ts";
import { expectComplete, ofType, until } from "../testing/expect-complete.ts";
import { readTopic } from "../testing/read-topic.ts";
import { keepingBroker, startListener, type RunningListener } from "../testing/start-listener.ts";

vi.setConfig({ testTimeout: 60_000 });

async function start(): Promise<{
  readonly localnet: Localnet;
  readonly join: (id: string) => Promise<RunningListener>;
  readonly status: (id: string) => Promise<ListenerStatus | undefined>;
}> {
  const localnet = await createLocalnet({ slotMs: 50 });
  onTestFinished(() => localnet.stop());
  const broker = keepingBroker();
  return {
    localnet,
    async join(id) {
      const running = await startListener(
        {
          SERVER_ID: id,
          SOLANA_RPC_URL: localnet.httpUrl,
          SOLANA_WS_URL: localnet.wsUrl,
          TRANSACTION_LISTENER_AUDIT_INTERVAL: "1",
        },
        { broker },
      );
      onTestFinished(() => running.listener.stop());
      return running;
    },
    status: async (id) =>
      (await broker.registry.servers()).find(({ server_id }) => server_id === id)?.listener,
  };
}

it("a listener says in the registry what it follows, from where, and how far it is proven", async () => {
  const { localnet, join, status } = await start();
  const { broker } = await join("one");
  await until(async () => expect((await status("one"))?.role).toBe("leader"));
  await createCommcoinMarket(localnet, "status").play(60);
  const frames = ofType(await expectComplete(localnet, broker), "TransactionUpdate");
  const slot = Math.max(...frames.map(({ data }) => data.slot));
  const coins = ofType(await readTopic(broker, "token_updates"), "TokenCreated").length;
  await until(async () => {
    const told = await status("one");
    expect(told?.watermark).toBeGreaterThanOrEqual(slot);
    expect(told).toMatchObject({ fence: 1, spares: [], queues: { signatures: 0, messages: 0 } });
    expect((told?.slot ?? 0) - (told?.watermark ?? 0)).toBe(told?.lag);
    const sources = new Map(told?.sources.map((source) => [source.name, source]));
    const stream = { endpoint: localnet.wsUrl, state: "live", lag: 0, reconnects: 0, missed: 0 };
    expect(sources.get("program")).toMatchObject({ state: "live", wanted: 1, streams: [stream] });
    expect(sources.get("token")).toMatchObject({ state: "live", wanted: coins, streams: [stream] });
    expect(sources.get("account")).toMatchObject({ wanted: 0, streams: [{ state: "off", live: 0 }] });
    const [program] = sources.get("program")?.streams ?? [];
    expect((program?.won ?? 0) + (program?.backfilled ?? 0)).toBeGreaterThan(0);
  });
});

it("a listener says that it stands by, and that its node is gone", async () => {
  const { localnet, join, status } = await start();
  await join("one");
  await until(async () => expect((await status("one"))?.role).toBe("leader"));
  await join("two");
  await until(async () => {
    const told = await status("two");
    expect(told).toMatchObject({ role: "standby", fence: null, watermark: null, audit_age_ms: null });
    expect(told?.sources[0]).toMatchObject({ name: "program", state: "live", watermark: null });
  });
  await localnet.endpoints[0]?.down();
  await until(async () => {
    const [program] = (await status("two"))?.sources ?? [];
    expect(["connecting", "backing_off"]).toContain(program?.state);
    expect(program?.streams).toMatchObject([{ live: 0 }]);
    expect(program?.streams[0]?.reconnects).toBeGreaterThan(0);
  });
});
