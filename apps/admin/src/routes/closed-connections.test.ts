import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTestApp, type TestApp } from "../testing/app.ts";
import { closedConnection, startFakeGateway } from "../testing/fake-gateway.ts";

let test: TestApp;
beforeEach(async () => {
  test = await createTestApp();
});
afterEach(() => test.app.close());

const get = async (query: string) => {
  const answer = await test.app.inject(`/api/closed-connections${query}`);
  return { status: answer.statusCode, body: answer.json() };
};
const closedAt = (ids: Readonly<Record<string, number>>, server_id = "g-1") =>
  Object.entries(ids).map(([id, closed_at]) => closedConnection(id, { closed_at, server_id }));

describe("GET /api/closed-connections", () => {
  it("pages through those of all gateways, the newest first, each once", async () => {
    await startFakeGateway(test.broker, "g-1", [], closedAt({ a: 1_000, b: 3_000, c: 5_000, d: 5_000 }));
    await startFakeGateway(test.broker, "g-2", [], closedAt({ e: 2_000, f: 4_000, g: 999 }, "g-2"));
    const seen: string[] = [];
    let cursor = "";
    for (let pages = 1; ; pages += 1) {
      const { body } = await get(`?limit=3${cursor}`);
      seen.push(...body.connections.map(({ id }: { id: string }) => id));
      if (body.next_cursor === null) break;
      cursor = `&cursor=${body.next_cursor}`;
      expect(pages).toBeLessThan(10);
    }
    expect(seen).toEqual(["c", "d", "f", "b", "e", "a", "g"]);
  });

  it("hands the filter to the gateway that is named", async () => {
    const one = await startFakeGateway(test.broker, "g-1", [], closedAt({ a: 1 }));
    const two = await startFakeGateway(test.broker, "g-2", [], closedAt({ b: 1 }, "g-2"));
    const page = await get("?server_id=g-2&user_id=ann&address=2001:db8:&limit=7");
    expect(page).toMatchObject({ status: 200, body: { connections: [{ id: "b" }], next_cursor: null } });
    expect(one.asked).toEqual([]);
    expect(two.asked).toEqual([
      { type: "closed_connections", user_id: "ann", address: "2001:db8:", limit: 7 },
    ]);
  });

  it("names the gateways that did not answer in time", async () => {
    await startFakeGateway(test.broker, "g-1", [], closedAt({ a: 1 }));
    const { silence } = await startFakeGateway(test.broker, "g-2", []);
    silence();
    expect((await get("")).body).toMatchObject({ connections: [{ id: "a" }], missing_servers: ["g-2"] });
  });

  it.each(["limit=0", "limit=501", "cursor=a", "address=10.0.0.0/8", "user_id=a%2Fb"])(
    "refuses %s",
    async (query) => {
      expect((await get(`?${query}`)).status).toBe(400);
    },
  );
});
