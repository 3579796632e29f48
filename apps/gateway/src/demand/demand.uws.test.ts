import { createMemoryBroker, type Demand } from "@commcoin/broker";
import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it } from "vitest";
import { startTestGateway } from "../testing/test-gateway.ts";

const ALICE = "So11111111111111111111111111111111111111112";
const BOB = "6YuHH4kveCrEeEtVKM2nh18zU4XWFpEWqV8f5GbhdnzX";
const CAROL = "11111111111111111111111111111111";

describe("accounts that clients follow", () => {
  it("are wanted from the first client to the last, asked for or a wallet's own", async () => {
    const { client, broker } = await startTestGateway();
    const one = await client(`subscriptions=account:${ALICE}`);
    expect(await broker.demand.wanted()).toEqual([ALICE]);
    const two = await client(`user_id=${BOB}`);
    two.send({ type: "subscribe", id: 1, data: { topic: `account:${ALICE}` } });
    await two.nextOfType("subscribed");
    expect((await broker.demand.wanted()).toSorted()).toEqual([BOB, ALICE]);
    await one.close();
    two.send({ type: "subscribe", id: 2, data: { topic: `account:${CAROL}` } });
    await two.nextOfType("subscribed");
    two.send({ type: "unsubscribe", id: 3, data: { topic: `account:${CAROL}` } });
    await two.nextOfType("unsubscribed");
    await eventually(async () => expect((await broker.demand.wanted()).toSorted()).toEqual([BOB, ALICE]));
    await two.close();
    await eventually(async () => expect(await broker.demand.wanted()).toEqual([]));
  });

  it("are refused beyond the bound with a frame that says so, and joined when there is room", async () => {
    const { client, broker, httpUrl } = await startTestGateway({ WATCHED_ACCOUNTS_MAX: "1" });
    const one = await client(`subscriptions=account:${ALICE}`);
    const two = await client();
    const ask = (id: number) => two.send({ type: "subscribe", id, data: { topic: `account:${BOB}` } });
    ask(7);
    expect(await two.nextOfType("error")).toMatchObject({
      id: 7,
      data: { code: "too_many_subscriptions", message: expect.stringContaining("1 accounts watched") },
    });
    two.send({ type: "unsubscribe", id: 8, data: { topic: `account:${BOB}` } });
    expect(await two.nextOfType("error")).toMatchObject({ id: 8, data: { code: "not_subscribed" } });
    // What is watched already costs nothing.
    two.send({ type: "subscribe", id: 9, data: { topic: `account:${ALICE}` } });
    expect(await two.nextOfType("subscribed")).toMatchObject({ id: 9 });
    const metrics = await (await fetch(`${httpUrl}/metrics`)).text();
    expect(metrics).toMatch(/commcoin_gateway_demanded_accounts\{[^}]*\} 1\n/);
    expect(metrics).toMatch(/commcoin_gateway_refused_accounts_total\{[^}]*\} 1\n/);

    two.send({ type: "unsubscribe", id: 10, data: { topic: `account:${ALICE}` } });
    await one.close();
    await eventually(async () => expect(await broker.demand.wanted()).toEqual([]));
    ask(11);
    expect(await two.nextOfType("subscribed")).toMatchObject({ id: 11 });
  });

  it("are left out of what is joined on connect beyond the bound; what was asked for is told", async () => {
    const { client, open, stats } = await startTestGateway({ WATCHED_ACCOUNTS_MAX: "1" });
    await client(`subscriptions=account:${ALICE}`);
    const wallet = await open(`user_id=${BOB}&subscriptions=transactions,account:${CAROL},account:${ALICE}`);
    const topics = ((await wallet.next()).data["subscriptions"] as { topic: string }[]).map(
      ({ topic }) => topic,
    );
    expect(topics).toEqual([
      "broadcast",
      "server:server-1",
      `user:${BOB}`,
      "transactions",
      `account:${ALICE}`,
    ]);
    expect(await wallet.next()).toMatchObject({
      type: "error",
      data: { code: "too_many_subscriptions", message: expect.stringContaining(CAROL) },
    });
    expect(await wallet.settled()).toEqual([]);
    expect(await stats()).toMatchObject({ subscriptions: 3 });
  });

  it("are addresses", async () => {
    const { client, open } = await startTestGateway();
    const one = await client();
    for (const type of ["subscribe", "history"]) {
      one.send({ type, id: type, data: { topic: "account:alice" } });
      expect(await one.nextOfType("error")).toMatchObject({ id: type, data: { code: "bad_topic" } });
    }
    const other = await client("subscriptions=account:alice");
    expect(await other.next()).toMatchObject({ type: "error", data: { code: "bad_topic" } });
    // Looks like an address, and is 33 bytes.
    const { data } = await (await open(`user_id=${"1".repeat(33)}`)).next();
    expect(data["subscriptions"]).toHaveLength(3);
  });

  it("never let a client have more subscriptions than it may, however fast it asks", async () => {
    const { client, stats } = await startTestGateway({ WEBSOCKET_MAX_SUBSCRIPTIONS: "2" });
    const one = await client();
    one.send({
      type: "subscribe",
      data: { topics: [ALICE, BOB, CAROL].map((address) => `account:${address}`) },
    });
    expect((await one.settled()).map(({ type }) => type).toSorted()).toEqual([
      "error",
      "subscribed",
      "subscribed",
    ]);
    expect(await stats()).toMatchObject({ subscriptions: 2 });
  });

  it("are declared again and again, so that a broker that forgot them learns them", async () => {
    const memory = createMemoryBroker();
    const holders: string[] = [];
    const demand: Demand = {
      ...memory.demand,
      change(holder, ...rest) {
        holders.push(holder);
        return memory.demand.change(holder, ...rest);
      },
    };
    const { client } = await startTestGateway({}, { broker: { ...memory, demand } });
    await client(`subscriptions=account:${ALICE}`);
    await memory.demand.withdraw(holders[0] ?? "");
    expect(await memory.demand.wanted()).toEqual([]);
    await eventually(async () => expect(await memory.demand.wanted()).toEqual([ALICE]));
  });
});
