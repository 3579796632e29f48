import { describe, expect, it } from "vitest";
import { contentPolicy } from "./content-policy.ts";

const connect = (url: string | undefined, host: string): string | undefined =>
  /connect-src ([^;]+);/.exec(contentPolicy({ url, port: 8080 }, host))?.[1];

describe("the policy of the dashboard", () => {
  it.each([
    [undefined, "localhost:8081", "'self' ws://localhost:8080 wss://localhost:8080"],
    [undefined, "admin.example.com", "'self' ws://admin.example.com:8080 wss://admin.example.com:8080"],
    [undefined, "[::1]:8081", "'self' ws: wss:"],
    ["wss://ws.example.com/ws", "admin.example.com", "'self' wss://ws.example.com"],
    ["ws://10.0.0.1:9000/a/ws", "localhost", "'self' ws://10.0.0.1:9000"],
    ["ws://[::1]:9000/ws", "localhost", "'self' ws: wss:"],
  ])("lets the page reach the gateway: %s seen from %s", (url, host, expected) => {
    expect(connect(url, host)).toBe(expected);
  });

  it.each(["evil; script-src *", "a b", "x,y", "", "a.test:80 https:"])(
    "takes nothing over from the host %j",
    (host) => {
      expect(connect(undefined, host)).toBe("'self' ws: wss:");
      expect(contentPolicy({ url: undefined, port: 8080 }, host)).not.toContain("evil");
    },
  );

  it("allows nothing inline and nothing of others", () => {
    const policy = contentPolicy({ url: undefined, port: 8080 }, "localhost");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(policy).toContain("default-src 'none'");
  });
});
