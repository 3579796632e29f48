import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const configurations = new URL("../../../infra/load-balancer/", import.meta.url);

export type Program = "haproxy" | "nginx";
export const isInstalled = (program: Program): boolean => spawnSync(program, ["-v"]).status === 0;

/** A load balancer with the configuration of infra/load-balancer, in which only addresses and paths are replaced. */
export interface Balancer {
  /** Where clients go, over TLS with a certificate that nobody signed. */
  readonly publicPort: number;
  /** The same without TLS, which redirects. */
  readonly plainPort: number;
  readonly operatorsPort: number;
  /** What it logged so far. */
  log(): string;
  /** As after a change of its configuration: open connections stay with the old worker. */
  reload(): void;
  stop(): Promise<void>;
}

const ACCESS_LOG = "access.log";

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

interface Ports {
  readonly public: number;
  readonly plain: number;
  readonly operators: number;
}

interface Behind {
  /** Two; HAProxy takes more. */
  readonly gateways: readonly [number, number, ...number[]];
  readonly admin: number;
}

function replace(text: string, replacements: readonly (readonly [string, string])[]): string {
  return replacements.reduce((result, [from, to]) => {
    if (!result.includes(from)) throw new Error(`The configuration has no ${from} any more.`);
    return result.replaceAll(from, to);
  }, text);
}

const servers = ({ gateways, admin }: Behind): readonly (readonly [string, string])[] => [
  ...gateways.map((port, index) => [`gateway-${index + 1}:8080`, `127.0.0.1:${port}`] as const),
  ["admin-1:8081", `127.0.0.1:${admin}`],
];

async function prepare(program: Program, directory: string, ports: Ports, behind: Behind): Promise<string> {
  const certificate = join(directory, "cert.pem");
  const key = join(directory, "key.pem");
  const request =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost";
  spawnSync("openssl", [...request.split(" "), "-keyout", key, "-out", certificate]);
  const file = join(directory, program === "haproxy" ? "haproxy.cfg" : "nginx.conf");
  const original = await readFile(
    new URL(program === "haproxy" ? "haproxy.cfg" : "nginx.conf", configurations),
    "utf8",
  );
  if (program === "haproxy") {
    const both = join(directory, "both.pem");
    await writeFile(both, `${await readFile(certificate, "utf8")}${await readFile(key, "utf8")}`);
    await writeFile(
      file,
      replace(original, [
        [
          "server gateway-2 gateway-2:8080",
          behind.gateways
            .slice(1)
            .map((_, index) => `server gateway-${index + 2} gateway-${index + 2}:8080`)
            .join("\n  "),
        ],
        ...servers(behind),
        // A test has not this many descriptors.
        ["maxconn 50000", "maxconn 1000"],
        ["bind :443 ", `bind 127.0.0.1:${ports.public} `],
        ["bind :8443 ", `bind 127.0.0.1:${ports.operators} `],
        ["bind :80\n", `bind 127.0.0.1:${ports.plain}\n`],
        ["/etc/haproxy/public.pem", both],
        ["/etc/haproxy/operators.pem", both],
      ]),
    );
    return file;
  }
  await writeFile(
    file,
    replace(original, [
      ...servers(behind),
      ["listen 443 ", `listen 127.0.0.1:${ports.public} `],
      ["listen 8443 ", `listen 127.0.0.1:${ports.operators} `],
      ["listen 80;", `listen 127.0.0.1:${ports.plain};`],
      ["/etc/nginx/public.crt", certificate],
      ["/etc/nginx/public.key", key],
      ["/etc/nginx/operators.crt", certificate],
      ["/etc/nginx/operators.key", key],
      // A test has neither this user nor this many descriptors, and writes nowhere but into its own directory.
      ["user www-data;", process.getuid?.() === 0 ? "user root;" : ""],
      ["worker_rlimit_nofile 131072;", ""],
      ["worker_connections 65536;", "worker_connections 512;"],
      ["/run/nginx.pid", join(directory, "nginx.pid")],
      ["/var/log/nginx/access.log", join(directory, ACCESS_LOG)],
    ]),
  );
  return file;
}

/** @throws when the program refuses the configuration, with what it said. */
export async function startBalancer(program: Program, behind: Behind): Promise<Balancer> {
  const directory = await mkdtemp(join(tmpdir(), `commcoin-${program}-`));
  const ports = { public: await freePort(), plain: await freePort(), operators: await freePort() };
  const file = await prepare(program, directory, ports, behind);
  const check =
    program === "haproxy"
      ? spawnSync("haproxy", ["-c", "-f", file], { encoding: "utf8" })
      : spawnSync("nginx", ["-t", "-c", file], { encoding: "utf8" });
  if (check.status !== 0) throw new Error(`${check.stdout}${check.stderr}`);

  let output = "";
  const child: ChildProcess =
    program === "haproxy"
      ? spawn("haproxy", ["-W", "-f", file], { stdio: ["ignore", "pipe", "pipe"] })
      : spawn("nginx", ["-c", file, "-g", "daemon off;"], { stdio: ["ignore", "pipe", "pipe"] });
  const exited = once(child, "exit");
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  }
  return {
    publicPort: ports.public,
    plainPort: ports.plain,
    operatorsPort: ports.operators,
    log: () => (program === "nginx" ? readFileSync(join(directory, ACCESS_LOG), "utf8") : output),
    reload: () => child.kill(program === "haproxy" ? "SIGUSR2" : "SIGHUP"),
    async stop() {
      child.kill("SIGTERM");
      await exited;
      await rm(directory, { recursive: true });
    },
  };
}
