import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { adminConfig, adminVariables } from "@commcoin/admin";
import { startRedisServer } from "@commcoin/broker/testing";
import { gatewayConfig, gatewayVariables } from "@commcoin/gateway";
import { listenerConfig, listenerVariables } from "@commcoin/listener";
import { describeVariables, loadConfig } from "@commcoin/service/config";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

const hasHadolint = spawnSync("hadolint", ["--version"]).status === 0;
const infra = new URL("../../infra/", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, infra), "utf8");
const exists = (path: string): boolean => existsSync(new URL(path, infra));

const composeService = z.object({
  image: z.string(),
  build: z
    .object({
      context: z.string(),
      dockerfile: z.string(),
      args: z.object({ APP: z.string(), PORT: z.number() }),
    })
    .optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  env_file: z.array(z.object({ path: z.string(), required: z.boolean() })).default([]),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  user: z.string().optional(),
  mem_limit: z.string().optional(),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  depends_on: z
    .union([z.array(z.string()), z.record(z.string(), z.object({ condition: z.string() }))])
    .default([]),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
});
const compose = z
  .object({ services: z.record(z.string(), composeService), volumes: z.record(z.string(), z.null()) })
  .parse(parse(read("compose.yaml"), { merge: true }));
const prometheus = z
  .object({
    rule_files: z.array(z.string()),
    alerting: z.object({
      alertmanagers: z.array(
        z.object({ static_configs: z.array(z.object({ targets: z.array(z.string()) })) }),
      ),
    }),
    scrape_configs: z.array(
      z.object({ job_name: z.string(), static_configs: z.array(z.object({ targets: z.array(z.string()) })) }),
    ),
  })
  .parse(parse(read("prometheus/prometheus.yml")));

const services = Object.entries(compose.services);
const built = services.flatMap(([name, service]) =>
  service.build === undefined ? [] : [{ name, ...service, build: service.build }],
);

const APPS: Readonly<
  Record<string, { readonly config: z.ZodObject; readonly variables: z.ZodObject; readonly port: string }>
> = {
  listener: { config: listenerConfig, variables: listenerVariables, port: "LISTENER_PORT" },
  gateway: { config: gatewayConfig, variables: gatewayVariables, port: "WEBSOCKET_PORT" },
  admin: { config: adminConfig, variables: adminVariables, port: "ADMIN_PORT" },
};
const deployed = built.flatMap((service) => {
  const app = APPS[service.build.args.APP];
  return app === undefined ? [] : [{ ...service, app }];
});

const defaults = (variables: z.ZodObject): ReadonlyMap<string, string | null> =>
  new Map(describeVariables(variables).map((variable) => [variable.name, variable.default]));

/** As compose does: `${NAME:-default}` and `${NAME:?message}`. */
const interpolate = (text: string, env: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\$\{(\w+):([-?])([^}]*)\}/g, (_all, name: string, operator: string, rest: string) => {
    if (env[name]) return env[name];
    if (operator === "-") return rest;
    throw new Error(`${name}: ${rest}`);
  });

describe("compose.yaml", () => {
  it("is what the Compose Specification says", () => {
    const ajv = new Ajv({ strict: false, allErrors: true });
    addFormats.default(ajv);
    const { $schema: _, ...schema } = JSON.parse(
      read("../test/node_modules/dclint/schemas/compose.schema.json"),
    ) as Record<string, unknown>;
    // Its dialect is ajv's own, by another name.
    const validate = ajv.compile(schema);
    const whole = (): { services: Record<string, Record<string, unknown>> } =>
      parse(read("compose.yaml"), { merge: true }) as ReturnType<typeof whole>;
    validate(whole());
    expect(validate.errors).toBeNull();
    for (const [key, value] of Object.entries({
      mem_limits: "1g",
      depends_on: { redis: {} },
      read_only: [],
    })) {
      const wrong = whole();
      wrong.services["admin"] = { ...wrong.services["admin"], [key]: value };
      expect([key, validate(wrong)]).toEqual([key, false]);
    }
  });

  it("builds every service that is deployed, and only what there is", () => {
    expect(new Set(deployed.map(({ build }) => build.args.APP))).toEqual(new Set(Object.keys(APPS)));
    for (const { build } of built) {
      const { APP } = build.args;
      const folder = [`../apps/${APP}/`, `../packages/${APP}/`].find((path) => exists(`${path}package.json`));
      expect([APP, folder]).not.toContain(undefined);
      expect(exists(`${folder}src/main.ts`)).toBe(true);
      expect(build.context).toBe("..");
      expect(exists(`../${build.dockerfile}`)).toBe(true);
    }
  });

  it.each(deployed)("gives $name every variable of .env but those that are about this file", (service) => {
    expect(service.env_file).toEqual([{ path: "../.env", required: false }]);
    const { environment, app } = service;
    expect([...defaults(app.variables).keys()]).toEqual(expect.arrayContaining(Object.keys(environment)));
    const fixed = Object.keys(environment).filter((name) => !environment[name]?.startsWith(`\${${name}:`));
    const places = ["NODE_ENV", "MESSAGE_BROKER_ENABLED", "REDIS_URL", "SERVER_ID", "ADMIN_HOST"];
    expect([...places, app.port]).toEqual(expect.arrayContaining(fixed));
  });

  it("has nobody mistake a variable of .env for one that is not passed on", () => {
    const example = read("../.env.example");
    const named = [...example.matchAll(/^# ([A-Z_]+)=/gm)].map(([, name]) => name);
    const variables = Object.values(APPS).flatMap((app) => [...defaults(app.variables).keys()]);
    expect(new Set(named)).toEqual(new Set(variables));
  });

  it.each(services)("lets %s do no more than it has to", (_name, service) => {
    expect(service.read_only).toBe(true);
    expect(service.cap_drop).toEqual(["ALL"]);
    expect(service.security_opt).toEqual(["no-new-privileges:true"]);
    expect(service.mem_limit).toMatch(/^\d+[mg]$/);
    // Images of ours bring both along.
    expect(service.user ?? (service.build && "1000:1000")).toMatch(/^[1-9]\d*:\d+$/);
    expect(service.healthcheck ?? service.build).toBeDefined();
  });

  it("runs two of what others can take over from", () => {
    for (const name of ["listener", "gateway"]) {
      expect(deployed.filter(({ build }) => build.args.APP === name)).toHaveLength(2);
    }
  });

  it.each(deployed)("gives $name a configuration that it accepts", ({ environment, app }) => {
    const env = Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [name, interpolate(value, { AUTH_MODE: "none" })]),
    );
    expect(() => loadConfig(app.config, env)).not.toThrow();
  });

  it("does not start a gateway before somebody chose who is believed", () => {
    for (const { environment, build } of deployed) {
      if (build.args.APP !== "gateway") continue;
      expect(() => interpolate(environment.AUTH_MODE ?? "", {})).toThrow(/^AUTH_MODE: set it /);
    }
  });

  it.each(deployed)("publishes the port that $name listens on", ({ build, ports, app }) => {
    expect(String(build.args.PORT)).toBe(defaults(app.variables).get(app.port));
    expect(ports.map((port) => port.split(":").at(-1))).toEqual([String(build.args.PORT)]);
  });

  it("publishes each port of the machine once, and only gateways to other machines", () => {
    const published = services.flatMap(([name, { ports }]) => ports.map((port) => ({ name, port })));
    const hostPorts = published.map(({ port }) => port.split(":").at(-2));
    expect(new Set(hostPorts).size).toBe(hostPorts.length);
    for (const { name, port } of published) {
      expect([name, port]).toEqual([
        name,
        expect.stringMatching(name.startsWith("gateway") ? /^\d/ : /^127\.0\.0\.1:/),
      ]);
    }
  });

  it("gives every server an id of its own", () => {
    const ids = deployed.map(({ environment }) => environment.SERVER_ID);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).not.toContain(undefined);
  });

  it("holds no secret", () => {
    const secrets = services.flatMap(([, { environment }]) =>
      Object.entries(environment).filter(([name]) => /TOKEN|PASSWORD|SECRET|KEY/.test(name)),
    );
    expect(secrets).toEqual([]);
  });

  it("waits only for services that there are and that tell their health", () => {
    for (const [, { depends_on }] of services) {
      for (const [name, { condition }] of Object.entries(Array.isArray(depends_on) ? {} : depends_on)) {
        const service = compose.services[name];
        expect([name, service]).not.toContain(undefined);
        expect(condition).toBe("service_healthy");
        // Images of ours bring their health check along.
        expect(service?.healthcheck ?? service?.build).toBeDefined();
      }
    }
  });

  it("mounts files that there are", () => {
    for (const [, { volumes }] of services) {
      for (const volume of volumes) {
        const [source = ""] = volume.split(":");
        expect([volume, source.startsWith(".") ? exists(source) : source in compose.volumes]).toEqual([
          volume,
          true,
        ]);
      }
    }
  });

  it("starts Redis with arguments that a real one takes", async () => {
    const [, ...args] = compose.services.redis?.command ?? [];
    expect(args.length).toBeGreaterThan(0);
    const redis = await startRedisServer({ args });
    await redis.stop();
  });
});

describe("prometheus.yml", () => {
  it("loads rules that are mounted beside it", () => {
    const mounts = compose.services.prometheus?.volumes ?? [];
    expect(prometheus.rule_files).toEqual(["alerts.yml"]);
    for (const file of ["prometheus.yml", ...prometheus.rule_files]) {
      expect(mounts).toContain(`./prometheus/${file}:/etc/prometheus/${file}:ro`);
    }
  });

  it("sends alerts to the Alertmanager that is there", () => {
    const targets = prometheus.alerting.alertmanagers.flatMap(({ static_configs }) =>
      static_configs.flatMap((config) => config.targets),
    );
    expect(targets).toEqual(["alertmanager:9093"]);
    expect(compose.services.alertmanager?.ports).toEqual(["127.0.0.1:9093:9093"]);
  });

  it("scrapes every service where it listens", () => {
    const targets = prometheus.scrape_configs
      .filter(({ job_name }) => job_name !== "prometheus")
      .flatMap(({ job_name, static_configs }) =>
        static_configs.flatMap((config) => config.targets.map((target) => ({ job_name, target }))),
      );
    const expected = deployed.map(({ name, build }) => ({
      job_name: build.args.APP,
      target: `${name}:${build.args.PORT}`,
    }));
    expect(new Set(targets)).toEqual(new Set(expected));
  });
});

describe("Dockerfile", () => {
  const dockerfile = read("docker/Dockerfile");

  it("uses the pnpm, the turbo and the Node that the repository pins", () => {
    const { packageManager } = z
      .object({ packageManager: z.string() })
      .parse(JSON.parse(read("../package.json")));
    const { catalog } = z
      .object({ catalog: z.record(z.string(), z.string()) })
      .parse(parse(read("../pnpm-workspace.yaml")));
    expect(dockerfile).toContain(`npm install --global ${packageManager} turbo@${catalog.turbo}\n`);
    // A Debian with the glibc of the official native server, and of the runtime the same one.
    expect(dockerfile).toContain("ARG NODE_IMAGE=node:24-trixie-slim\n");
    expect(dockerfile).toContain("ARG RUNTIME_IMAGE=debian:trixie-slim\n");
  });

  it("copies only what stages before have, and what is not left out of the context", () => {
    const reader = new URL("../scripts/dockerfile.mjs", infra).href;
    const program = `import { parseDockerfile, stagesOf } from ${JSON.stringify(reader)};
      import { readFileSync } from "node:fs";
      console.log(JSON.stringify(stagesOf(parseDockerfile(readFileSync(0, "utf8")))));`;
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
      input: dockerfile,
      encoding: "utf8",
    });
    const step = z.object({
      instruction: z.string(),
      flags: z.array(z.array(z.string())),
      argument: z.string(),
    });
    const { before, stages } = z
      .object({
        before: z.array(step),
        stages: z.array(z.object({ name: z.string(), base: z.string(), steps: z.array(step) })),
      })
      .parse(JSON.parse(stdout));
    expect(stages.map(({ name }) => name)).toEqual(["tools", "prune", "build", "runtime"]);
    const known = new Set(before.map(({ argument }) => `\${${argument.split("=")[0]}}`));
    const ignored = read("docker/Dockerfile.dockerignore").split("\n");
    for (const { name, base, steps } of stages) {
      expect([name, known.has(base)]).toEqual([name, true]);
      for (const { flags, argument } of steps.filter(({ instruction }) => instruction === "COPY")) {
        const from = Object.fromEntries(flags)["from"] as string | undefined;
        expect([name, from === undefined || known.has(from)]).toEqual([name, true]);
        const [source = ""] = argument.split(" ");
        if (!source.startsWith("/repo/scripts/")) continue;
        expect(exists(`..${source.slice("/repo".length)}`)).toBe(true);
        expect(ignored).not.toContain("scripts");
      }
      known.add(name);
    }
  });

  it("takes the native server that the document names for this Node", () => {
    const [, server] = /^ARG NATIVE_SERVER=(\S+)$/m.exec(dockerfile) ?? [];
    expect(read("../docs/deployment.md")).toContain(`\`uWebSockets.js: ${server}\``);
    const [, line = ""] = /sed -i "s\|(.*?)\|/.exec(dockerfile) ?? [];
    expect(read("../pnpm-workspace.yaml").match(new RegExp(line, "gm"))).toHaveLength(1);
  });

  it.runIf(hasHadolint)("breaks no rule of hadolint", () => {
    const lint = (text: string): string =>
      spawnSync("hadolint", ["--no-color", "-"], { input: text, encoding: "utf8" }).stdout;
    expect(lint(dockerfile)).toBe("");
    expect(lint(dockerfile.replace("USER 1000:1000", "USER root"))).toContain("DL3002");
  });

  it("runs without privileges and stops by the signal that drains", () => {
    const runtime = dockerfile.slice(dockerfile.lastIndexOf("\nFROM "));
    expect(runtime).toMatch(/^USER 1000:1000$/m);
    expect(runtime).toMatch(/^STOPSIGNAL SIGTERM$/m);
    expect(runtime).toMatch(/^HEALTHCHECK /m);
  });
});

describe("Grafana's provisioning", () => {
  it("names the data source and the folder that the dashboards are in", () => {
    const { datasources } = z
      .object({
        datasources: z.array(z.object({ type: z.string(), url: z.string(), isDefault: z.boolean() })),
      })
      .parse(parse(read("grafana/provisioning/datasources/prometheus.yaml")));
    // The dashboards take the default one until somebody chooses another.
    expect(datasources).toEqual([{ type: "prometheus", url: "http://prometheus:9090", isDefault: true }]);
    const { providers } = z
      .object({ providers: z.array(z.object({ options: z.object({ path: z.string() }) })) })
      .parse(parse(read("grafana/provisioning/dashboards/commcoin.yaml")));
    const mounts = compose.services.grafana?.volumes ?? [];
    const folder = providers[0]?.options.path ?? "";
    expect(mounts).toContain(`./grafana/dashboards:${folder}:ro`);
    const home = compose.services.grafana?.environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH ?? "";
    expect(exists(home.replace(folder, "grafana/dashboards"))).toBe(true);
  });
});
