import { randomBytes } from "node:crypto";
import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it } from "vitest";
import type { ControlDelivery, ControlMessage, ControlTarget } from "../control.ts";
import { InvalidMessageError } from "../invalid-message-error.ts";
import { GONE_AFTER_MS, SUSPECT_AFTER_MS, type ServerRecord } from "../registry.ts";
import { after, type BrokerBus } from "./support.ts";

const uniqueName = (name: string): string => `${name}-${randomBytes(6).toString("hex")}`;

const recordOf = (server_id: string, fields: Partial<ServerRecord> = {}): ServerRecord => ({
  server_id,
  service: "gateway",
  instance: "first",
  started_at: 1_700_000_000_000,
  state: "ready",
  counts: { connections: 3 },
  ...fields,
});

/** What services tell each other beside messages: control, registry, leases. */
export function servicesConformance(getBus: () => BrokerBus): void {
  describe("control", () => {
    const disconnect = (connection_id: string): ControlMessage => ({
      type: "disconnect_connection",
      connection_id,
    });

    it("reaches everybody, one server, or whoever may hold a user's connections", async () => {
      const [one, two] = [await getBus().connect(), await getBus().connect()];
      const [first, second] = [uniqueName("server"), uniqueName("server")];
      const received: Record<"one" | "two", ControlDelivery[]> = { one: [], two: [] };
      const stops = [
        await one.control.listen(first, (delivery) => received.one.push(delivery)),
        await two.control.listen(second, (delivery) => received.two.push(delivery)),
      ];
      const sent: [ControlTarget, ControlMessage][] = [
        [{ all: true }, { type: "drain" }],
        [{ server_id: first }, disconnect("a")],
        [{ server_id: second }, disconnect("b")],
        [{ server_id: uniqueName("nobody") }, disconnect("c")],
        [{ user_id: "alice" }, { type: "disconnect_user", user_id: "alice" }],
      ];
      for (const [target, message] of sent) await one.control.send(target, message);
      const expected = (...indexes: number[]) =>
        indexes.map((index) => ({ target: sent[index]?.[0], message: sent[index]?.[1] }));
      await eventually(() => {
        expect(received.one).toEqual(expected(0, 1, 4));
        expect(received.two).toEqual(expected(0, 2, 4));
      });
      stops[0]?.();
      await one.control.send({ all: true }, { type: "drain" });
      await eventually(() => expect(received.two).toHaveLength(4));
      expect(received.one).toHaveLength(3);
      stops[1]?.();
    });

    it("keeps the order of one sender", async () => {
      const [one, two] = [await getBus().connect(), await getBus().connect()];
      const server = uniqueName("server");
      const received: string[] = [];
      const stop = await two.control.listen(server, ({ message }) => {
        if (message.type === "disconnect_connection") received.push(message.connection_id);
      });
      const ids = Array.from({ length: 100 }, (_, index) => String(index));
      await Promise.all(
        ids.map((id, index) =>
          one.control.send(index % 2 === 0 ? { server_id: server } : { all: true }, disconnect(id)),
        ),
      );
      await eventually(() => expect(received).toHaveLength(100));
      expect(received).toEqual(ids);
      stop();
    });

    it("refuses what is not a control message", async () => {
      const broker = await getBus().connect();
      const wrong = { type: "explode" } as unknown as ControlMessage;
      await expect(broker.control.send({ all: true }, wrong)).rejects.toThrow(InvalidMessageError);
      await expect(broker.control.send({} as ControlTarget, { type: "drain" })).rejects.toThrow(
        InvalidMessageError,
      );
    });
  });

  describe("registry", () => {
    it("lists servers by service and id with their latest counts, and removes those that leave", async () => {
      const [one, two] = [await getBus().connect(), await getBus().connect()];
      const id = uniqueName("server");
      const gateway = recordOf(id);
      const listener = recordOf(id, { service: "listener", counts: {} });
      const other = recordOf(`${id}-2`, { state: "draining" });
      for (const record of [other, listener, gateway])
        expect(await one.registry.heartbeat(record)).toBe("listed");
      const updated = { ...gateway, counts: { connections: 4 } };
      await one.registry.heartbeat(updated);
      const servers = (await two.registry.servers()).filter(({ server_id }) => server_id.startsWith(id));
      expect(servers).toEqual(
        [updated, other, listener].map((record) => ({
          ...record,
          age_ms: expect.any(Number),
          health: "healthy",
          clock_skew_ms: null,
          superseded: 0,
        })),
      );
      for (const { age_ms } of servers) expect(age_ms).toBeLessThan(SUSPECT_AFTER_MS);
      for (const record of [gateway, listener, other]) await two.registry.leave(record);
      expect((await one.registry.servers()).filter(({ server_id }) => server_id.startsWith(id))).toEqual([]);
    });

    it("suspects a silent server and lets it go in the end", { timeout: 40_000 }, async () => {
      const broker = await getBus().connect();
      const id = uniqueName("server");
      await broker.registry.heartbeat(recordOf(id));
      const find = async () => (await broker.registry.servers()).find(({ server_id }) => server_id === id);
      expect(await find()).toMatchObject({ health: "healthy" });
      await after(getBus(), SUSPECT_AFTER_MS + 1, async () =>
        expect(await find()).toMatchObject({ health: "suspect" }),
      );
      expect((await find())?.age_ms).toBeGreaterThan(SUSPECT_AFTER_MS);
      await after(getBus(), GONE_AFTER_MS - SUSPECT_AFTER_MS, async () =>
        expect(await find()).toBeUndefined(),
      );
      expect(await broker.registry.heartbeat(recordOf(id))).toBe("listed");
      expect(await find()).toMatchObject({ health: "healthy" });
      await broker.registry.leave(recordOf(id));
    });

    it("tells how far the clock of a server is ahead of its own", async () => {
      const broker = await getBus().connect();
      const ahead = async (ms: number): Promise<number | null | undefined> => {
        const record = recordOf(uniqueName("server"));
        const process = {
          version: "1",
          host: "h",
          addresses: [],
          port: 1,
          clock: (getBus().now?.() ?? Date.now()) + ms,
        };
        await broker.registry.heartbeat({ ...record, process });
        const listed = (await broker.registry.servers()).find(
          ({ server_id }) => server_id === record.server_id,
        );
        await broker.registry.leave(record);
        return listed?.clock_skew_ms;
      };
      expect(await ahead(0)).toBeLessThanOrEqual(0);
      expect(await ahead(0)).toBeGreaterThan(-60_000);
      expect(await ahead(600_000)).toBeGreaterThan(540_000);
      expect(await ahead(-600_000)).toBeLessThanOrEqual(-600_000);
    });

    it("counts the processes that a server supersedes for as long as they live", async () => {
      const broker = await getBus().connect();
      const id = uniqueName("server");
      const processes = ["first", "second", "third"].map((instance, index) =>
        recordOf(id, { instance, started_at: 1_700_000_000_000 + index }),
      );
      const [first, second, third] = processes as [ServerRecord, ServerRecord, ServerRecord];
      const other = recordOf(id, { service: "listener" });
      const listed = async () =>
        (await broker.registry.servers())
          .filter(({ server_id }) => server_id === id)
          .map(({ service, instance, superseded }) => [service, instance, superseded]);
      for (const record of [other, first, second, third, first, second])
        await broker.registry.heartbeat(record);
      expect(await listed()).toEqual([
        ["gateway", "third", 2],
        ["listener", "first", 0],
      ]);
      await broker.registry.leave(first);
      expect(await listed()).toContainEqual(["gateway", "third", 1]);
      await broker.registry.leave(third);
      await broker.registry.heartbeat(second);
      expect(await listed()).toContainEqual(["gateway", "second", 0]);
      for (const record of [second, other]) await broker.registry.leave(record);
      expect(await listed()).toEqual([]);
    });

    it("lists the later of two processes that use one id, and tells the earlier one", async () => {
      const [one, two] = [await getBus().connect(), await getBus().connect()];
      const id = uniqueName("server");
      const earlier = recordOf(id);
      const later = recordOf(id, { instance: "second", started_at: earlier.started_at + 1 });
      const listed = async () =>
        (await one.registry.servers())
          .filter(({ server_id }) => server_id === id)
          .map(({ instance }) => instance);
      expect(await one.registry.heartbeat(earlier)).toBe("listed");
      expect(await two.registry.heartbeat(later)).toBe("listed");
      expect(await one.registry.heartbeat(earlier)).toBe("superseded");
      expect(await listed()).toEqual(["second"]);
      await one.registry.leave(earlier);
      expect(await listed()).toEqual(["second"]);
      await two.registry.leave(later);
      expect(await one.registry.heartbeat(earlier)).toBe("listed");
      await one.registry.leave(earlier);
      expect(await listed()).toEqual([]);
    });
  });

  describe("leases", () => {
    const TTL_MS = 10_000;

    it("belong to one holder, who may extend them", async () => {
      const [one, two] = [await getBus().connect(), await getBus().connect()];
      const name = uniqueName("lease");
      const lease = await one.leases.acquire(name, "one", TTL_MS);
      expect(lease).toEqual({ name, holder: "one", fence: expect.any(Number) });
      expect(await two.leases.acquire(name, "two", TTL_MS)).toBeNull();
      expect(await one.leases.acquire(name, "one", TTL_MS)).toEqual(lease);
      expect(lease === null ? false : await one.leases.renew(lease, TTL_MS)).toBe(true);
      expect(await two.leases.acquire(uniqueName("lease"), "two", TTL_MS)).not.toBeNull();
    });

    it("go to the next holder with a higher fence once they are released", async () => {
      const [one, two] = [await getBus().connect(), await getBus().connect()];
      const name = uniqueName("lease");
      const lost = await one.leases.acquire(name, "one", TTL_MS);
      if (lost === null) throw new Error("a free lease was refused");
      await one.leases.release(lost);
      const taken = await two.leases.acquire(name, "two", TTL_MS);
      expect(taken?.fence).toBeGreaterThan(lost.fence);
      expect(await one.leases.renew(lost, TTL_MS)).toBe(false);
      await one.leases.release(lost);
      expect(await one.leases.acquire(name, "one", TTL_MS)).toBeNull();
    });

    it("expire when they are not renewed, and give even their last holder a new fence", async () => {
      const broker = await getBus().connect();
      const name = uniqueName("lease");
      const first = await broker.leases.acquire(name, "one", 200);
      if (first === null) throw new Error("a free lease was refused");
      const since = performance.now();
      await after(getBus(), 201, async () => {
        expect(getBus().advance === undefined ? performance.now() - since : 202).toBeGreaterThan(201);
      });
      expect(await broker.leases.renew(first, 200)).toBe(false);
      const second = await broker.leases.acquire(name, "one", 200);
      expect(second?.fence).toBeGreaterThan(first.fence);
      await after(getBus(), 201, async () => {
        expect(await broker.leases.acquire(name, "two", TTL_MS)).toMatchObject({ holder: "two" });
      });
    });

    it("live on when they are renewed", async () => {
      const [one, two] = [await getBus().connect(), await getBus().connect()];
      const name = uniqueName("lease");
      const lease = await one.leases.acquire(name, "one", 200);
      if (lease === null) throw new Error("a free lease was refused");
      expect(await one.leases.renew(lease, 3 * TTL_MS)).toBe(true);
      getBus().advance?.(2 * TTL_MS);
      expect(await two.leases.acquire(name, "two", TTL_MS)).toBeNull();
      await one.leases.release(lease);
    });
  });
}
