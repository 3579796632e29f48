import { describe, expect, it, vi } from "vitest";
import { connect } from "./testing/test-client.ts";
import { startTestGateway } from "./testing/test-gateway.ts";
import { handshake } from "./testing/raw-socket.ts";

describe("limits before the upgrade", () => {
  it.each([
    ["user_id=a%20b"],
    ["subscriptions=No%20Topic"],
    ["subscriptions=unheard_of"],
    ["subscriptions=user:somebody"],
    ["since=market_data"],
    [`subscriptions=${Array.from({ length: 129 }, (_, i) => `token:${i}`).join(",")}`],
  ])("refuses %s with 400 and a reason", async (query) => {
    const { url, stats } = await startTestGateway();
    const { status, headers, body } = await handshake(`${url}?${query}`);
    expect(status).toBe(400);
    expect(headers["content-type"]).toContain("application/json");
    expect(JSON.parse(body)).toEqual({ code: "bad_query", message: expect.stringMatching(/.{20}/) });
    expect(await stats()).toMatchObject({ total_connections: 0 });
  });

  it("does not take a token that it cannot verify", async () => {
    const { url } = await startTestGateway();
    const { status, body } = await handshake(`${url}?token=abc`);
    expect(status).toBe(401);
    expect(JSON.parse(body)).toMatchObject({
      code: "bad_token",
      message: expect.stringContaining("AUTH_MODE"),
    });
  });

  it("holds exactly as many connections as it may", async () => {
    const { url, client, stats } = await startTestGateway({ WEBSOCKET_MAX_CONNECTIONS: "5" });
    const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => connect(url)));
    const opened = attempts.flatMap((attempt) => (attempt.status === "fulfilled" ? [attempt.value] : []));
    expect(opened).toHaveLength(5);
    const { status, headers, body } = await handshake(url);
    expect([status, headers["retry-after"]]).toEqual([503, "5"]);
    expect(JSON.parse(body)).toMatchObject({ code: "server_full" });
    expect(await stats()).toMatchObject({ total_connections: 5 });
    await opened[0]?.close();
    await vi.waitFor(async () => expect(await stats()).toMatchObject({ total_connections: 4 }));
    await client();
    await expect(connect(url)).rejects.toThrow("503");
    for (const { socket } of opened) socket.terminate();
  });

  it("limits connections from one address", async () => {
    const { url, client } = await startTestGateway({ WEBSOCKET_MAX_CONNECTIONS_PER_IP: "2" });
    const first = await client();
    await client();
    const { status, headers, body } = await handshake(url);
    expect([status, headers["retry-after"]]).toEqual([429, "10"]);
    expect(JSON.parse(body)).toMatchObject({ code: "rate_limited" });
    await first.close();
    await vi.waitFor(() => client());
  });

  it("limits new connections per second", async () => {
    const { url } = await startTestGateway({ WEBSOCKET_CONNECTS_PER_SECOND: "3" });
    const attempts = await Promise.allSettled(Array.from({ length: 10 }, () => connect(url)));
    const opened = attempts.filter(({ status }) => status === "fulfilled").length;
    expect(opened).toBeGreaterThanOrEqual(3);
    expect(opened).toBeLessThan(6);
    expect(attempts.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { message: "refused with 429" },
    });
    const { status, headers } = await handshake(url);
    expect([status, headers["retry-after"]]).toEqual([429, "1"]);
    for (const attempt of attempts) if (attempt.status === "fulfilled") attempt.value.socket.terminate();
  });
});
