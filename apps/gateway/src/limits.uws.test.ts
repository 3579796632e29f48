import { describe, expect, it, onTestFinished, vi } from "vitest";
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
    expect(JSON.parse(body)).toMatchObject({ code: "address_limit" });
    await first.close();
    await vi.waitFor(() => client());
  });

  it("counts the addresses of clients, not of the proxies in front, whatever clients claim", async () => {
    const { url } = await startTestGateway({
      WEBSOCKET_MAX_CONNECTIONS_PER_IP: "1",
      TRUSTED_PROXIES: "127.0.0.0/8,::1",
    });
    const status = async (...lines: string[]): Promise<number> => {
      const headers = lines.map((line) => `X-Forwarded-For: ${line}`);
      return (await handshake(url, headers)).status;
    };
    const hold = async (address: string) => {
      const { socket } = await connect(url, { headers: { "x-forwarded-for": address } });
      onTestFinished(() => socket.terminate());
    };
    await hold("198.51.100.1");
    expect(await status("198.51.100.1")).toBe(429);
    expect(await status("1.1.1.1, 198.51.100.1")).toBe(429);
    expect(await status("1.1.1.1", "198.51.100.1")).toBe(429);
    await hold("198.51.100.2");
    await hold("1.1.1.1, 198.51.100.3");
  });

  it("believes nobody's X-Forwarded-For when no proxy is trusted", async () => {
    const { url } = await startTestGateway({ WEBSOCKET_MAX_CONNECTIONS_PER_IP: "1" });
    const { socket } = await connect(url);
    expect((await handshake(url, ["X-Forwarded-For: 198.51.100.1"])).status).toBe(429);
    socket.terminate();
  });

  it("lets pages of the allowed origins in, and programs, which send none", async () => {
    const { url, httpUrl } = await startTestGateway({
      WEBSOCKET_ALLOWED_ORIGINS: "https://app.example.com,https://*.example.org",
    });
    for (const headers of [{}, { origin: "https://app.example.com" }, { origin: "https://a.example.org" }]) {
      (await connect(url, { headers })).socket.terminate();
    }
    const { status, body } = await handshake(url, ["Origin: https://evil.example"]);
    expect(status).toBe(403);
    expect(JSON.parse(body)).toMatchObject({ code: "forbidden_origin" });
    const text = await (await fetch(`${httpUrl}/metrics`)).text();
    expect(text).toMatch(/refused_total\{code="forbidden_origin"[^}]*\} 1/);
  });

  it("limits the connections of one user, and says so", async () => {
    const { client, open } = await startTestGateway({ WEBSOCKET_MAX_CONNECTIONS_PER_USER: "2" });
    await client("user_id=a");
    await client("user_id=a");
    await client("user_id=b");
    expect(await (await open("user_id=a")).closed).toEqual({
      code: 3504,
      reason: "connection limit: 2 for one user",
    });
    await client();
    await client();
    await client();
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
