import { BrokerUnavailableError, createMemoryBroker, type Demand } from "@commcoin/broker";
import { silentLogger } from "@commcoin/service/telemetry";
import { describe, expect, it, onTestFinished } from "vitest";
import { createAccountDemand, type AccountDemand } from "./account-demand.ts";

const ALICE = "So11111111111111111111111111111111111111112";
const BOB = "6YuHH4kveCrEeEtVKM2nh18zU4XWFpEWqV8f5GbhdnzX";
const CAROL = "11111111111111111111111111111111";
const topicOf = (address: string): string => `account:${address}`;

interface World {
  readonly demand: Demand;
  readonly accounts: AccountDemand;
  /** Topics that somebody is in. */
  readonly followed: Set<string>;
  readonly calls: string[];
  readonly refused: () => number;
}

function createWorld({
  limit = 2,
  fail = () => false,
}: { limit?: number; fail?: () => boolean } = {}): World {
  const { demand } = createMemoryBroker();
  const followed = new Set<string>();
  const calls: string[] = [];
  let refused = 0;
  const watched: Demand = {
    ...demand,
    change(...args) {
      calls.push("change");
      return fail() ? Promise.reject(new BrokerUnavailableError("away")) : demand.change(...args);
    },
  };
  const accounts = createAccountDemand({
    demand: watched,
    holder: "gateway:1",
    limit,
    isFollowed: (topic) => followed.has(topic),
    onRefused: (count) => (refused += count),
    log: silentLogger,
    now: () => 0,
  });
  onTestFinished(() => accounts.stop());
  return { demand, accounts, followed, calls, refused: () => refused };
}

const admit = async ({ accounts, followed }: World, ...addresses: string[]): Promise<readonly string[]> => {
  for (const address of addresses) followed.add(topicOf(address));
  const refused = [...((await accounts.admit(addresses.map(topicOf))) ?? [])];
  for (const topic of refused) followed.delete(topic);
  return refused;
};

describe("the demand of a gateway", () => {
  it("asks the broker once for an account, however many connections follow it", async () => {
    const world = createWorld();
    const [first, second] = await Promise.all([admit(world, ALICE), admit(world, ALICE)]);
    expect([first, second]).toEqual([[], []]);
    expect(world.accounts.admit([topicOf(ALICE), "transactions"])).toBeNull();
    expect(await world.demand.wanted()).toEqual([ALICE]);
    expect(world.calls).toHaveLength(1);
  });

  it("has nothing to ask for other topics", () => {
    const { accounts, calls } = createWorld();
    expect(accounts.admit(["transactions", `token:${ALICE}`])).toBeNull();
    expect(calls).toEqual([]);
  });

  it("refuses what is no account without asking, and what goes beyond the bound", async () => {
    const world = createWorld({ limit: 1 });
    expect(await admit(world, "alice")).toEqual(["account:alice"]);
    expect(world.calls).toEqual([]);
    expect(await admit(world, ALICE, BOB)).toEqual([topicOf(BOB)]);
    expect(world.refused()).toBe(1);
    expect(await world.demand.wanted()).toEqual([ALICE]);
  });

  it("counts what other gateways have watched, and shares it", async () => {
    const world = createWorld({ limit: 2 });
    await world.demand.declare("gateway:2", [ALICE, BOB], 2);
    expect(await admit(world, ALICE, CAROL)).toEqual([topicOf(CAROL)]);
  });

  it("gives up what nobody follows any more, and can have it again at once", async () => {
    const world = createWorld({ limit: 1 });
    await admit(world, ALICE);
    world.accounts.sweep();
    expect(world.accounts.size).toBe(1);
    world.followed.clear();
    world.accounts.sweep();
    expect(world.accounts.size).toBe(0);
    // In the same message: what is left makes room for what is wanted.
    expect(await admit(world, BOB)).toEqual([]);
    expect(await world.demand.wanted()).toEqual([BOB]);
    world.followed.clear();
    world.accounts.sweep();
    expect(await admit(world, BOB)).toEqual([]);
    expect(await world.demand.wanted()).toEqual([BOB]);
  });

  it("passes on that the broker cannot tell, and works again afterwards", async () => {
    let away = true;
    const world = createWorld({ fail: () => away });
    await expect(admit(world, ALICE)).rejects.toThrow(BrokerUnavailableError);
    away = false;
    expect(await admit(world, ALICE)).toEqual([]);
    expect(await world.demand.wanted()).toEqual([ALICE]);
  });

  it("gives up everything when it stops", async () => {
    const world = createWorld();
    await admit(world, ALICE, BOB);
    await world.accounts.stop();
    expect(await world.demand.wanted()).toEqual([]);
  });
});
