import { once } from "node:events";
import { connect as connectTo, type AddressInfo } from "node:net";
import { createLogger } from "@commcoin/service/telemetry";
import { eventually } from "@commcoin/tsconfig/eventually";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bearer, broadcast, createTestApp, NOTIFICATION, TOKEN, type TestApp } from "../testing/app.ts";
import { connection, startFakeGateway } from "../testing/fake-gateway.ts";

let test: TestApp;
let lines: string[];
beforeEach(async () => {
  lines = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ name: "admin", level: "info", destination });
  test = await createTestApp({ ADMIN_TOKEN: TOKEN }, { logger });
  await startFakeGateway(test.broker, "g-1", [connection("a", { user_id: "ann" })]);
});
afterEach(() => test.app.close());

const audited = (): readonly Record<string, unknown>[] =>
  lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ audit }) => audit !== undefined);
const post = (url: string, headers: Record<string, string> = bearer(TOKEN)) =>
  test.app.inject({ method: "POST", url, headers, remoteAddress: "203.0.113.9" });

describe("the log", () => {
  it.each([
    ["/api/connections/a/disconnect", { audit: "disconnectConnection", id: "a", connections: 1, servers: 1 }],
    ["/api/users/ann/disconnect", { audit: "disconnectUser", id: "ann", connections: 1 }],
    ["/api/servers/g-1/drain", { audit: "drainServer", id: "g-1", connections: 1 }],
  ])("has a line for POST %s: what it was, what came of it, and where from", async (url, fields) => {
    await post(url, {
      ...bearer(TOKEN),
      "user-agent": "curl/8",
      "x-forwarded-for": "198.51.100.7, 10.0.0.1",
    });
    expect(audited()).toEqual([
      expect.objectContaining({
        ...fields,
        status: 200,
        address: "203.0.113.9",
        user_agent: "curl/8",
        forwarded_for: "198.51.100.7, 10.0.0.1",
        msg: "a write was carried out",
      }),
    ]);
  });

  it("has a line for what was done after whoever asked had gone", async () => {
    (await startFakeGateway(test.broker, "silent", [])).silence();
    await test.app.listen({ port: 0, host: "127.0.0.1" });
    const { port } = test.app.server.address() as AddressInfo;
    const socket = connectTo(port, "127.0.0.1");
    const received = once(test.app.server, "request");
    socket.write(
      `POST /api/servers/silent/drain HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${TOKEN}\r\n\r\n`,
    );
    await received;
    socket.destroy();
    await eventually(() => expect(audited()).toHaveLength(1));
    expect(audited()).toMatchObject([{ audit: "drainServer", id: "silent", address: "127.0.0.1" }]);
  });

  it("has a line for what is published, without its text", async () => {
    await test.app.inject(broadcast({ target: { user_id: "ann" }, id: "welcome" }));
    await test.app.inject(broadcast({ target: { user_id: "ann" }, id: "welcome" }));
    expect(audited()).toMatchObject([
      {
        audit: "broadcast",
        topic: "user:ann",
        type: "Notification",
        id: "welcome",
        offset: 1,
        duplicate: false,
      },
      { audit: "broadcast", topic: "user:ann", offset: 1, duplicate: true, status: 200 },
    ]);
    expect(lines.join("")).not.toContain(NOTIFICATION.message);
  });

  it("has a line for writes that failed, which may have been carried out in part", async () => {
    await post("/api/connections/b/disconnect");
    await post("/api/servers/g-9/drain");
    await test.app.inject(broadcast({ target: { server_id: "g-9" } }));
    await test.app.inject(broadcast({ target: "nobody" }));
    const failed = { msg: "a write failed" };
    expect(audited()).toMatchObject([
      { audit: "disconnectConnection", id: "b", status: 404, ...failed },
      { audit: "drainServer", id: "g-9", status: 404, ...failed },
      { audit: "broadcast", topic: "server:g-9", status: 404, ...failed },
      { audit: "broadcast", status: 400, ...failed },
    ]);
  });

  it("has none for reads, and none that strangers could fill it with", async () => {
    await test.app.inject("/api/servers");
    await post("/api/users/ann/disconnect", {});
    await post("/api/users/ann/disconnect", bearer("a-wrong-token-0123456789"));
    expect(audited()).toEqual([]);
  });

  it("has no token in it, and bounds what a client says of itself", async () => {
    await post("/api/users/ann/disconnect", { ...bearer(TOKEN), "user-agent": "x".repeat(5_000) });
    expect(lines.join("")).not.toContain(TOKEN);
    expect(String(audited()[0]?.["user_agent"])).toHaveLength(200);
  });
});
