import type { Broker } from "@commcoin/broker";
import { Ajv2020, type AnySchema } from "ajv/dist/2020.js";
import type { InjectOptions } from "fastify";
import { afterEach, describe, expect, it } from "vitest";
import { bearer, broadcast, createTestApp, TOKEN, type TestApp } from "../testing/app.ts";
import { startFakeGateway } from "../testing/fake-gateway.ts";
import { openApiText } from "./document.ts";

interface Media {
  readonly schema: AnySchema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly summary: string; readonly value: object }>>;
}
interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema: AnySchema;
    readonly example?: unknown;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, Media>> }>>;
}

const document = JSON.parse(await openApiText()) as {
  readonly paths: Record<string, Record<string, Operation>>;
};
const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
const operation = (id: string): Operation => {
  const found = operations.find(({ operationId }) => operationId === id);
  if (found === undefined) throw new Error(`There is no operation ${id}.`);
  return found;
};
const exampleOf = (id: string, status: number): unknown =>
  operation(id).responses[status]?.content["application/json"]?.example;
const bodies = operation("broadcast").requestBody?.content["application/json"]?.examples ?? {};

const ajv = new Ajv2020({ strict: false, validateFormats: false });
const problemsOf = (schema: AnySchema, value: unknown): unknown => {
  const validate = ajv.compile(schema);
  return validate(value) === true ? null : validate.errors;
};

let test: TestApp | undefined;
afterEach(async () => {
  await test?.app.close();
  test = undefined;
});
const start = async (env = { ADMIN_TOKEN: TOKEN } as Record<string, string>): Promise<TestApp> => {
  test = await createTestApp(env);
  return test;
};

describe("examples of the documentation", () => {
  it.each(operations.map((one) => [one.operationId, one] as const))(
    "are what the schemas of %s say, in every answer",
    (_id, { parameters = [], requestBody, responses }) => {
      for (const { name, schema, example } of parameters.filter((parameter) => parameter.in === "path")) {
        expect([name, problemsOf(schema, example)]).toEqual([name, null]);
      }
      for (const { schema, examples = {} } of Object.values(requestBody?.content ?? {})) {
        expect(Object.keys(examples).length).toBeGreaterThan(0);
        for (const { value } of Object.values(examples)) expect(problemsOf(schema, value)).toBeNull();
      }
      for (const [status, { content }] of Object.entries(responses)) {
        for (const { schema, example } of Object.values(content)) {
          expect([status, example]).not.toContain(undefined);
          expect([status, problemsOf(schema, example)]).toEqual([status, null]);
        }
      }
    },
  );

  it("begin with a notification to a user", () => {
    expect(Object.values(bodies)[0]?.value).toMatchObject({
      type: "Notification",
      target: { user_id: "123" },
      data: { user_id: "123" },
    });
  });

  it.each(Object.entries(bodies))("of messages can be sent as they are: %s", async (_name, { value }) => {
    const { app, broker } = await start();
    await startFakeGateway(broker, "gateway-1", []);
    const answer = await app.inject(broadcast(value));
    expect([answer.statusCode, answer.json()]).toEqual([200, expect.objectContaining({ offset: 1 })]);
  });
});

const STRANGER = "203.0.113.9";
const write = (url: string, more: InjectOptions = {}): InjectOptions => ({
  method: "POST",
  url,
  headers: bearer(TOKEN),
  ...more,
});
const text = (payload: string, type: string): InjectOptions => ({
  ...broadcast(),
  payload,
  headers: { ...bearer(TOKEN), "content-type": type },
});
const toServer = { target: { server_id: "gateway-9" } };
const incomplete = { data: { user_id: "123", title: "Welcome", notification_type: "info" } };
const READS = [
  ["getConnections", "/api/ws/connections"],
  ["getServers", "/api/servers"],
  ["getListener", "/api/listener"],
  ["listConnections", "/api/connections"],
  ["listClosedConnections", "/api/closed-connections"],
  ["getConnection", "/api/connections/5zim7Ww3CP8T6LiJ"],
  ["listTopics", "/api/topics"],
  ["getTopicHistory", "/api/topics/market_data/history"],
] as const;
const WRITES = [
  ["drainServer", "/api/servers/gateway-1/drain"],
  ["disconnectConnection", "/api/connections/5zim7Ww3CP8T6LiJ/disconnect"],
  ["disconnectUser", "/api/users/123/disconnect"],
  ["broadcast", "/api/ws/broadcast"],
] as const;

describe("examples of errors", () => {
  it.each([
    ["listConnections", 400, { url: "/api/connections?limit=0" }],
    ["listClosedConnections", 400, { url: "/api/closed-connections?limit=0" }],
    ["getConnection", 400, { url: "/api/connections/a.b" }],
    ["disconnectConnection", 400, write("/api/connections/a.b/disconnect")],
    ["disconnectUser", 400, write("/api/users/a%2Fb/disconnect")],
    ["drainServer", 400, write("/api/servers/a%20b/drain")],
    ["listTopics", 400, { url: "/api/topics?limit=0" }],
    ["getTopicHistory", 400, { url: "/api/topics/market_data/history?since=57" }],
    ["broadcast", 400, broadcast(incomplete)],
    ["listConnections", 404, { url: "/api/connections?server_id=gateway-9" }],
    ["listClosedConnections", 404, { url: "/api/closed-connections?server_id=gateway-9" }],
    ["getConnection", 404, { url: "/api/connections/5zim7Ww3CP8T6LiJ" }],
    ["disconnectConnection", 404, write("/api/connections/5zim7Ww3CP8T6LiJ/disconnect")],
    ["disconnectUser", 404, write("/api/users/123/disconnect")],
    ["drainServer", 404, write("/api/servers/gateway-9/drain")],
    ["broadcast", 404, broadcast(toServer)],
    ["broadcast", 413, text(" ".repeat(262_145), "application/json")],
    ["broadcast", 415, text("a=b", "application/x-www-form-urlencoded")],
  ] as const)("are what the server says: %s, %d", async (id, status, request) => {
    const { app } = await start();
    const answer = await app.inject(request as InjectOptions);
    expect(answer.statusCode).toBe(status);
    expect(exampleOf(id, status)).toEqual(answer.json());
  });

  it.each([...READS, ...WRITES])("of who has no token are what the server says: %s", async (id, url) => {
    const method = WRITES.some(([one]) => one === id) ? "POST" : "GET";
    for (const [env, status] of [
      [{ ADMIN_TOKEN: TOKEN }, 401],
      [{}, 403],
    ] as const) {
      const { app } = await start(env);
      const answer = await app.inject({ method, url, remoteAddress: STRANGER });
      expect([answer.statusCode, answer.json()]).toEqual([status, exampleOf(id, status)]);
      await app.close();
    }
  });

  it("of reads that need a token here, too, are what that server says", async () => {
    const { app } = await start({ ADMIN_TOKEN: TOKEN, NODE_ENV: "production" });
    const { paths } = (await app.inject("/docs/json")).json<typeof document>();
    const documented = paths["/api/servers"]?.["get"]?.responses[401]?.content["application/json"]?.example;
    expect(documented).toEqual((await app.inject("/api/servers")).json());
  });

  it("of who guesses tokens are what the server says", async () => {
    const { app } = await start();
    const guess = () =>
      app.inject({ url: "/api/servers", remoteAddress: STRANGER, headers: bearer("wrong") });
    for (let index = 0; index < 10; index += 1) await guess();
    const answer = await guess();
    expect([answer.statusCode, answer.json()]).toEqual([429, exampleOf("getServers", 429)]);
  });

  it("of who sends too many messages are what the server says", async () => {
    const { app } = await start();
    const sent = await Promise.all(Array.from({ length: 150 }, () => app.inject(broadcast())));
    const refused = sent.find(({ statusCode }) => statusCode === 429);
    expect(refused?.json()).toEqual(exampleOf("broadcast", 429));
  });

  it.each([
    ["getConnection", 504, { url: "/api/connections/5zim7Ww3CP8T6LiJ" }],
    ["disconnectConnection", 504, write("/api/connections/5zim7Ww3CP8T6LiJ/disconnect")],
    ["disconnectUser", 504, write("/api/users/123/disconnect")],
    ["drainServer", 504, write("/api/servers/gateway-2/drain")],
  ] as const)("of gateways that are silent are what the server says: %s", async (id, status, request) => {
    const { app, broker } = await start();
    await startFakeGateway(broker, "gateway-1", []);
    const { silence } = await startFakeGateway(broker, "gateway-2", []);
    silence();
    const answer = await app.inject(request as InjectOptions);
    expect([answer.statusCode, answer.json()]).toEqual([status, exampleOf(id, status)]);
  });

  it("of a bug are what the server says", async () => {
    const { app, broker } = await start();
    const registry: { servers: Broker["registry"]["servers"] } = broker.registry;
    registry.servers = () => Promise.reject(new Error("a bug"));
    const answer = await app.inject("/api/servers");
    expect([answer.statusCode, answer.json()]).toEqual([500, exampleOf("getServers", 500)]);
  });
});

describe("padlocks", () => {
  const securityFor = async (env: Record<string, string>, request: InjectOptions) => {
    const { app } = await start(env);
    const { paths } = (await app.inject({ url: "/docs/json", ...request })).json<{
      paths: Record<string, Record<string, { security?: unknown }>>;
    }>();
    return (url: string, method: string) => paths[url]?.[method]?.security;
  };
  const NEEDED = [{ adminToken: [] }];

  it.each([
    ["on this machine", {}, {}, []],
    ["elsewhere", {}, { remoteAddress: STRANGER }, NEEDED],
    ["through a proxy", {}, { headers: { via: "1.1 proxy" } }, NEEDED],
    ["by a name of its own", {}, { headers: { host: "admin.test:8081" } }, NEEDED],
    ["where ADMIN_READS_NEED_TOKEN says so", { ADMIN_READS_NEED_TOKEN: "true" }, {}, NEEDED],
    ["in production", { NODE_ENV: "production" }, {}, NEEDED],
  ] as const)("stand at what whoever looks needs the token for: %s", async (_name, env, request, reads) => {
    const securityOf = await securityFor(env, request);
    for (const [id] of READS) {
      const [url] = Object.entries(document.paths).find(([, path]) => path["get"]?.operationId === id) ?? [];
      expect([id, securityOf(url ?? "", "get")]).toEqual([id, reads]);
    }
    expect(securityOf("/api/ws/broadcast", "post")).toEqual(NEEDED);
    expect(securityOf("/api/servers/{id}/drain", "post")).toEqual(NEEDED);
    for (const url of ["/healthz", "/readyz", "/metrics"]) expect(securityOf(url, "get")).toEqual([]);
  });
});
