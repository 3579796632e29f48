import { describe, expect, it } from "vitest";
import { openLocalnet } from "../testing/localnet.ts";
import { call, openSocket, post } from "../testing/raw-rpc.ts";
import { createControl } from "./control.ts";

const open = async () => {
  const { localnet, advance } = await openLocalnet({ finalitySlots: 8 });
  const url = `${localnet.httpUrl}/faults`;
  return {
    localnet,
    advance,
    url,
    show: async (): Promise<unknown> => (await fetch(url)).json(),
    change: async (body: unknown) => {
      const { status, text } = await post(url, JSON.stringify(body));
      return [status, JSON.parse(text)] as [number, Record<string, unknown>];
    },
  };
};

describe("faults over HTTP", () => {
  it("are switched on, shown, counted and switched off", async () => {
    const { localnet, show, change } = await open();
    const rateLimit = { next: 5, methods: ["getSlot"] };
    expect(await change({ set: { rateLimit, lag: { slots: 3 } } })).toEqual([
      200,
      { active: { rateLimit, lag: { slots: 3 } }, fired: {}, connections: 0 },
    ]);
    expect((await post(localnet.httpUrl, '{"jsonrpc":"2.0","id":1,"method":"getSlot"}')).status).toBe(429);
    expect(await show()).toEqual({
      active: { rateLimit: { ...rateLimit, next: 4 }, lag: { slots: 3 } },
      fired: { rateLimit: 1 },
      connections: 0,
    });
    await change({ set: { lag: null } });
    expect(await show()).toMatchObject({ active: { rateLimit: { next: 4 } } });
    expect(await change({ clear: true })).toMatchObject([200, { active: {} }]);
    expect(await call(localnet.httpUrl, "getSlot")).toMatchObject({ result: 0 });
  });

  it("close sockets", async () => {
    const { localnet, change } = await open();
    const socket = await openSocket(localnet.wsUrl);
    await expect.poll(() => localnet.endpoints[0]?.connections()).toBe(1);
    expect(await change({ disconnect: 1001 })).toMatchObject([200, { disconnected: 1 }]);
    expect(await socket.closed).toBe(1001);
  });

  it("strike the chain", async () => {
    const { localnet, change, advance } = await open();
    advance(3);
    expect(await change({ chain: { skip: 2, rootJump: 3 } })).toMatchObject([200, {}]);
    advance(2);
    expect(await change({ chain: { fork: { depth: 2, reland: "all" } } })).toMatchObject([
      200,
      { fork: { baseSlot: 4, lostSlots: [5, 8], lost: [], relanded: [] } },
    ]);
    expect(localnet.oracle.lostSlots()).toEqual([5, 8]);
    expect(await change({ chain: { reland: ["nothing"] } })).toMatchObject([200, { relanded: [] }]);
    expect(await change({ chain: { fork: { depth: 100 } } })).toMatchObject([
      409,
      { error: expect.stringContaining("everything below is finalized") },
    ]);
  });

  it.each([
    ["{", "expected object"],
    ['{"set":{"drp":{}}}', "drp"],
    ['{"set":{"drop":{"probability":2}}}', "set.drop.probability"],
    ['{"set":{"drop":{"subscriptions":["log"]}}}', "set.drop.subscriptions"],
    ['{"disconnect":4000}', "disconnect"],
    ['{"chain":{"skip":0}}', "chain.skip"],
  ])("are refused when they are none: %s", async (body, told) => {
    const { url, show } = await open();
    const { status, text } = await post(url, body);
    expect([status, text]).toEqual([400, expect.stringContaining(told)]);
    expect(await show()).toMatchObject({ active: {} });
  });

  it("are for programs on this machine only", async () => {
    const { localnet, url } = await open();
    expect((await fetch(url, { headers: { origin: "http://localhost:3000" } })).status).toBe(403);
    expect((await fetch(url, { method: "DELETE" })).status).toBe(405);
    const [endpoint] = localnet.endpoints;
    if (!endpoint) throw new Error("No endpoint");
    const control = createControl({
      chain: localnet.chain,
      faults: endpoint.faults,
      connections: { count: endpoint.connections, disconnect: endpoint.disconnect },
    });
    const from = (remoteAddress: string) =>
      control({ method: "GET", remoteAddress, origin: undefined, body: "" }).status;
    expect(["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.1", "::ffff:10.0.0.1", ""].map(from)).toEqual([
      200, 200, 200, 403, 403, 403,
    ]);
  });
});
