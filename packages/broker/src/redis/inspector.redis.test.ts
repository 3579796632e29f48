import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  askRedis,
  startRedisCluster,
  startRedisServer,
  type RedisCluster,
  type RedisServer,
} from "../testing/index.ts";
import { connectToInspect, type RedisInspection } from "./inspector.ts";

async function inspect(url: string): Promise<RedisInspection> {
  const inspector = await connectToInspect(url);
  try {
    return await inspector.inspect();
  } finally {
    await inspector.close();
  }
}

describe("the inspection of a Redis", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(() => server.stop());

  it("tells what it is like, and that it stores and carries", async () => {
    const { nodes, problems, replicated } = await inspect(server.url);
    expect(problems).toEqual([]);
    expect(replicated).toBe(false);
    expect(nodes).toMatchObject([{ refusal: null, deafness: null }]);
    const [node] = nodes;
    expect(node?.info.get("maxmemory_policy")).toBe("noeviction");
    expect(node?.settings?.get("client-output-buffer-limit")).toContain("pubsub");
    expect(Math.abs(node?.clockAheadMs ?? Number.NaN)).toBeLessThan(1_000);
  });

  it("tells what a user may not do, and does without what it may not read", async () => {
    const rules = ["on", ">sesame", "~commcoin:*", "resetchannels", "+@all", "-config", "-set"];
    await askRedis(server, "ACL", "SETUSER", "app", ...rules);
    const { nodes } = await inspect(server.url.replace("://", "://app:sesame@"));
    expect(nodes).toMatchObject([
      {
        settings: null,
        refusal: expect.stringMatching(/^NOPERM/) as string,
        deafness: expect.stringMatching(/^NOPERM/) as string,
      },
    ]);
  });

  it("finds that its keys are of another layout", async () => {
    await askRedis(server, "SET", "commcoin:layout", "99");
    const { problems } = await inspect(server.url);
    await askRedis(server, "DEL", "commcoin:layout");
    expect(problems).toEqual([expect.stringContaining("layout 99")]);
  });

  it.each([
    ["a wrong password", (url: string) => url.replace("://", "://app:open-barley@"), /WRONGPASS/],
    ["nobody", () => "redis://127.0.0.1:65533", /ECONNREFUSED/],
  ])("fails with the reason, and no secret: %s", async (_, change, reason) => {
    const failure = await connectToInspect(change(server.url)).catch((error: unknown) => error as Error);
    expect(failure).toBeInstanceOf(Error);
    expect((failure as Error).message).toMatch(reason);
    expect((failure as Error).message).not.toContain("open-barley");
  });

  it("ends in time where nothing answers", async () => {
    server.pause();
    await expect(connectToInspect(server.url)).rejects.toThrow("no answer within");
    server.resume();
  });
});

describe("the inspection of a cluster", () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster.stop());

  it("looks at each master", async () => {
    const { nodes, problems, replicated } = await inspect(cluster.url);
    expect(problems).toEqual([]);
    expect(replicated).toBe(true);
    expect(nodes.length).toBeGreaterThan(1);
    for (const node of nodes) expect(node).toMatchObject({ refusal: null, deafness: null });
  });
});
