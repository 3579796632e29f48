import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gatewayConfig } from "@commcoin/gateway";
import { listenerConfig } from "@commcoin/listener";
import { adminConfig } from "@commcoin/admin";
import { loadConfig } from "@commcoin/service/config";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";

const folder = fileURLToPath(new URL("../../infra/helm/", import.meta.url));
const EXAMPLES = ["minimal", "production", "keda"] as const;
/** The versions that the manifests are held against: the oldest that the chart takes, and a current one. */
const KUBERNETES = ["1.28", "1.34"] as const;

const runs = (command: string, argument: string): boolean => spawnSync(command, [argument]).status === 0;
const hasHelm = runs("helm", "version");
const hasValidator = runs("kubernetes-validate", "--version");

const run = (command: string, args: readonly string[]): { readonly ok: boolean; readonly text: string } => {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: "utf8" });
  return { ok: status === 0, text: status === 0 ? stdout : `${stdout}${stderr}` };
};
const template = (
  example: string,
  ...args: readonly string[]
): { readonly ok: boolean; readonly text: string } =>
  run("helm", [
    "template",
    "rt",
    "commcoin",
    "--namespace",
    "realtime",
    "--kube-version",
    "1.34.0",
    "--values",
    `examples/${example}.yaml`,
    ...args,
  ]);

const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.literal("http") }) });
const envEntry = z.object({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z.record(z.string(), z.record(z.string(), z.string())).optional(),
});
const container = z.object({
  image: z.string(),
  env: z.array(envEntry),
  securityContext: z.object({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.object({ drop: z.tuple([z.literal("ALL")]) }),
  }),
  startupProbe: probe,
  livenessProbe: probe,
  readinessProbe: probe,
  lifecycle: z.object({ preStop: z.object({ exec: z.object({ command: z.array(z.string()) }) }) }).optional(),
  resources: z.object({
    requests: z.record(z.string(), z.string()),
    limits: z.record(z.string(), z.string()),
  }),
});
const deployment = z.object({
  kind: z.literal("Deployment"),
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    replicas: z.number().optional(),
    strategy: z.object({ rollingUpdate: z.object({ maxUnavailable: z.literal(0) }) }),
    template: z.object({
      spec: z.object({
        automountServiceAccountToken: z.literal(false),
        enableServiceLinks: z.literal(false),
        terminationGracePeriodSeconds: z.number(),
        securityContext: z.object({ runAsNonRoot: z.literal(true), runAsUser: z.number().min(1) }),
        containers: z.tuple([container]),
      }),
    }),
  }),
});
const manifest = z.object({ kind: z.string() }).loose();
const configMap = z.object({
  metadata: z.object({ name: z.string() }),
  data: z.record(z.string(), z.string()),
});

const render = (example: string, ...args: readonly string[]): readonly z.infer<typeof manifest>[] => {
  const { ok, text } = template(example, ...args);
  if (!ok) throw new Error(text);
  return parseAllDocuments(text).map((document) => manifest.parse(document.toJS()));
};
const ofKind = (manifests: readonly z.infer<typeof manifest>[], kind: string) =>
  manifests.filter((one) => one.kind === kind);
const deployments = (manifests: readonly z.infer<typeof manifest>[]) =>
  ofKind(manifests, "Deployment").map((one) => deployment.parse(one));

const APPS: Readonly<Record<string, z.ZodType>> = {
  gateway: gatewayConfig,
  listener: listenerConfig,
  admin: adminConfig,
};

describe.skipIf(!hasHelm)("the Helm chart", () => {
  it.each(EXAMPLES)("passes Helm's own check with examples/%s.yaml", (example) => {
    expect(
      run("helm", ["lint", "commcoin", "--strict", "--values", `examples/${example}.yaml`]),
    ).toMatchObject({
      ok: true,
    });
  });

  it
    .skipIf(!hasValidator)
    .each(EXAMPLES.flatMap((example) => KUBERNETES.map((version) => [example, version] as const)))(
    "makes manifests of examples/%s.yaml that Kubernetes %s takes",
    (example, version) => {
      const file = join(mkdtempSync(join(tmpdir(), "commcoin-helm-")), "manifests.yaml");
      writeFileSync(file, template(example).text);
      const { ok, text } = run("kubernetes-validate", ["--strict", "--kubernetes-version", version, file]);
      rmSync(join(file, ".."), { recursive: true });
      expect({ ok, text }).toMatchObject({ ok: true });
    },
  );

  it.each(EXAMPLES)("gives every service of examples/%s.yaml a configuration that it accepts", (example) => {
    const manifests = render(example);
    const maps = ofKind(manifests, "ConfigMap").map((one) => configMap.parse(one));
    expect(deployments(manifests).map(({ metadata }) => metadata.name)).toEqual(
      expect.arrayContaining(["rt-gateway", "rt-listener", "rt-admin"]),
    );
    for (const { metadata, spec } of deployments(manifests)) {
      const [{ env }] = spec.template.spec.containers;
      const own = Object.fromEntries(
        env.map(({ name, value }) => [name, value ?? SECRETS[name] ?? `${metadata.name}-x1`]),
      );
      const shared = maps.find((map) => map.metadata.name === metadata.name)?.data ?? {};
      const config = APPS[metadata.name.replace("rt-", "")];
      expect(config).toBeDefined();
      expect(() => loadConfig(config as z.ZodObject, { ...shared, ...own })).not.toThrow();
    }
  });

  it.each(EXAMPLES)("gives pods of examples/%s.yaml the time that they need to stop", (example) => {
    for (const { metadata, spec } of deployments(render(example))) {
      const { terminationGracePeriodSeconds: grace, containers } = spec.template.spec;
      const [{ env, lifecycle }] = containers;
      const drain = Number(env.find(({ name }) => name === "SHUTDOWN_DRAIN_SECONDS")?.value ?? 0);
      const wait = Number(lifecycle?.preStop.exec.command[1] ?? 0);
      expect([metadata.name, grace]).toEqual([metadata.name, expect.any(Number)]);
      // As docs/deployment.md has it: ten seconds more than the drain.
      expect(grace).toBeGreaterThanOrEqual(wait + drain + 10);
    }
  });

  it.each(EXAMPLES)("asks for life and readiness where examples/%s.yaml has a service", (example) => {
    for (const { spec } of deployments(render(example))) {
      const [{ startupProbe, livenessProbe, readinessProbe }] = spec.template.spec.containers;
      expect(startupProbe.httpGet.path).toBe("/healthz");
      expect(livenessProbe.httpGet.path).toBe("/healthz");
      expect(readinessProbe.httpGet.path).toBe("/readyz");
    }
  });

  it("takes values for secrets from Secrets only", () => {
    const manifests = render("production");
    expect(ofKind(manifests, "Secret")).toEqual([]);
    const entries = deployments(manifests).flatMap(({ spec }) => spec.template.spec.containers[0].env);
    for (const name of ["REDIS_URL", "ADMIN_TOKEN", "SOLANA_RPC_URL"]) {
      const found = entries.filter((entry) => entry.name === name);
      expect(found.length).toBeGreaterThan(0);
      for (const entry of found) expect(Object.keys(entry.valueFrom ?? {})).toEqual(["secretKeyRef"]);
    }
  });

  it.each([
    ["env.ADMIN_TOKEN=0123456789abcdef", /ADMIN_TOKEN is a secret: name it in secretEnv/],
    ["gateway.env.AUTH_JWT_SECRET=x", /AUTH_JWT_SECRET is a secret/],
    ["listener.env.SOLANA_RPC_URL=https://key:value@node.example", /SOLANA_RPC_URL holds credentials/],
    ["redis.url=redis://:password@redis:6379", /redis\.url holds credentials/],
    ["redis.url=", /redis\.url says where Redis is/],
    ["env.AUTH_MODE=", /env\.AUTH_MODE says who clients are/],
    ["gateway.replicaCount=3", /replicaCount/],
    ["gateway.autoscaling.kind=vpa", /autoscaling/],
    ["ingress.enabled=true", /ingress\.host is the name/],
  ])("refuses %s, and says why", (value, reason) => {
    const { ok, text } = template("minimal", "--set", value);
    expect(ok).toBe(false);
    expect(text).toMatch(reason);
  });

  it("scales gateways on their connections, down one pod at a time", () => {
    const behavior = z.object({
      scaleDown: z.object({
        stabilizationWindowSeconds: z.number().min(300),
        policies: z.tuple([
          z.object({ type: z.literal("Pods"), value: z.literal(1), periodSeconds: z.number() }),
        ]),
      }),
    });
    const [hpa] = ofKind(render("production"), "HorizontalPodAutoscaler");
    const { spec } = z
      .object({
        spec: z.object({
          behavior,
          metrics: z.tuple([
            z.object({
              pods: z.object({
                metric: z.object({ name: z.string() }),
                target: z.object({ averageValue: z.string() }),
              }),
            }),
          ]),
        }),
      })
      .parse(hpa);
    expect(spec.metrics[0].pods).toEqual({
      metric: { name: "commcoin_gateway_connections" },
      target: { averageValue: "14000" },
    });
    expect(readFileSync(new URL("../../docs/metrics.md", import.meta.url), "utf8")).toContain(
      "`commcoin_gateway_connections` | gauge",
    );
    const manifests = render("keda");
    expect(ofKind(manifests, "HorizontalPodAutoscaler")).toEqual([]);
    const [scaled] = ofKind(manifests, "ScaledObject");
    z.object({
      spec: z.object({
        advanced: z.object({ horizontalPodAutoscalerConfig: z.object({ behavior }) }),
        triggers: z.tuple([
          z.object({ metadata: z.object({ threshold: z.literal("7000"), query: z.string() }) }),
        ]),
      }),
    }).parse(scaled);
  });

  it("leaves the number of pods to whatever scales them", () => {
    const replicas = (example: string) =>
      deployments(render(example)).find(({ metadata }) => metadata.name === "rt-gateway")?.spec.replicas;
    expect(replicas("production")).toBeUndefined();
    expect(replicas("minimal")).toBe(1);
  });

  it("lets nothing but /ws out", () => {
    const [ingress] = ofKind(render("production"), "Ingress");
    const paths = JSON.stringify(ingress).match(/"path":"[^"]*","pathType":"[^"]*"/g);
    expect(paths).toEqual(['"path":"/ws","pathType":"Exact"']);
    const [route] = ofKind(render("keda"), "HTTPRoute");
    expect(JSON.stringify(route)).toContain('"path":{"type":"Exact","value":"/ws"}');
  });

  it("has every dashboard, labelled for the sidecar of Grafana", () => {
    const isDashboard = z.object({
      metadata: z.object({ labels: z.object({ grafana_dashboard: z.literal("1") }) }),
    });
    const found = ofKind(render("production"), "ConfigMap")
      .filter((one) => isDashboard.safeParse(one).success)
      .flatMap((one) => Object.entries(configMap.parse(one).data));
    const dashboards = new URL("../../infra/grafana/dashboards/", import.meta.url);
    const expected = readdirSync(dashboards).map((file) => [
      `commcoin-${file}`,
      JSON.parse(readFileSync(new URL(file, dashboards), "utf8")),
    ]);
    expect(expected).toHaveLength(3);
    expect(Object.fromEntries(found.map(([name, text]) => [name, JSON.parse(text)]))).toEqual(
      Object.fromEntries(expected),
    );
    expect(ofKind(render("minimal"), "ConfigMap").some((one) => isDashboard.safeParse(one).success)).toBe(
      false,
    );
  });

  it("has the rules of Prometheus, with the place where the runbook is", () => {
    const [rule] = ofKind(render("production"), "PrometheusRule");
    const rules = readFileSync(join(folder, "../prometheus/alerts.yml"), "utf8");
    const placed = rules.replaceAll("runbook_url: ", "runbook_url: https://git.example/realtime/");
    expect(rule?.spec).toEqual(parse(placed));
  });
});

/** What the Secrets of examples/production.yaml and keda.yaml stand for. */
const SECRETS: Readonly<Record<string, string>> = {
  REDIS_URL: "redis://redis:6379",
  ADMIN_TOKEN: "a".repeat(32),
  AUTH_JWT_SECRET: "a".repeat(32),
  SOLANA_RPC_URL: "https://node.example",
  SOLANA_WS_URL: "wss://node.example",
};
