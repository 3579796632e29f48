import { spawn } from "node:child_process";
import { mkdir, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { createRedisBroker } from "@commcoin/broker";
import { startRedisServer } from "@commcoin/broker/testing";
import { silentLogger } from "@commcoin/service/telemetry";
import { eventually } from "@commcoin/tsconfig/eventually";
import { afterAll, expect, it, onTestFinished } from "vitest";
import { freePort } from "../support/free-port.ts";
import { packClient, run, type PackedClient } from "../support/pack-client.ts";
import { killAll } from "../support/service-process.ts";
import { startService, type RunningService } from "../support/start-service.ts";

/** Of gateways and Redis in turn; more of them by hand. */
const RESTARTS = Number(process.env["COMMCOIN_TEST_RESTARTS"] ?? 3);
const TOPIC = "market_data";
/** Slow enough that no restart, on a machine that stalls as well, takes longer than 1,000 messages. */
const MESSAGE_MS = 50;
const MINT = "So11111111111111111111111111111111111111112";

/** Five lines as in the README of the package, and a count: prices are numbered here. */
const PROGRAM = `
import { createClient } from "@commcoin/client";
import { WebSocket } from "ws";
const seen = new Set();
let doubled = 0;
const client = createClient({ url: process.argv[2], WebSocket });
client.subscribe("market_data", ({ type, data }) => {
  doubled += Number(seen.has(data.price));
  seen.add(data.price);
  console.log(type, data.price, "lost", Number(data.price) - seen.size, "doubled", doubled);
});
client.connect();
`;

afterAll(killAll);

/** An empty project that installed the tarball, and `ws`, as everybody would. */
async function createProject({ folder, tarball }: PackedClient): Promise<string> {
  const project = join(folder, "project");
  await mkdir(project);
  await writeFile(join(project, "package.json"), '{"name":"project","private":true,"type":"module"}');
  const ws = await realpath(new URL("../../node_modules/ws", import.meta.url));
  const packed = await run(project, "npm", "pack", ws, "--ignore-scripts", "--offline", "--silent");
  await run(
    project,
    "npm",
    "install",
    "--offline",
    "--no-audit",
    "--no-fund",
    tarball,
    join(project, packed.trim()),
  );
  await writeFile(join(project, "five-lines.mjs"), PROGRAM);
  return project;
}

it(`a program with the packed client loses and doubles nothing while gateways and Redis are restarted ${RESTARTS} times`, async () => {
  const [client, redis] = await Promise.all([
    packClient(),
    startRedisServer({ args: ["--appendonly", "yes", "--appendfsync", "always"] }),
  ]);
  onTestFinished(() => client.remove());
  onTestFinished(() => redis.stop());
  onTestFinished(killAll);
  const project = await createProject(client);
  const broker = createRedisBroker({ url: redis.url, logger: silentLogger });
  await broker.start();
  onTestFinished(() => broker.close());
  const gateways: { readonly port: number; running: RunningService }[] = [];
  const startGateway = (port: number): Promise<RunningService> =>
    startService("gateway", {
      SERVER_ID: `gateway-${port}`,
      REDIS_URL: redis.url,
      WEBSOCKET_PORT: String(port),
      SHUTDOWN_DRAIN_SECONDS: "1",
    });
  for (const port of [await freePort(), await freePort()]) {
    gateways.push({ port, running: await startGateway(port) });
  }

  /** What the program at each gateway printed. */
  const outputs = gateways.map(({ port }) => {
    const lines: string[] = [];
    const program = spawn(process.execPath, ["five-lines.mjs", `ws://127.0.0.1:${port}/ws`], {
      cwd: project,
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => {
      program.kill("SIGKILL");
    });
    createInterface({ input: program.stdout }).on("line", (line) => lines.push(line));
    return lines;
  });
  await eventually(async () => {
    for (const { port } of gateways) {
      const answer = await fetch(`http://127.0.0.1:${port}/api/ws/connections`);
      expect(await answer.json()).toMatchObject({ subscriptions: 1 });
    }
  });

  let published = 0;
  const stopped = new AbortController();
  const publishing = (async () => {
    while (!stopped.signal.aborted) {
      const price = String(published + 1);
      const data = {
        token_id: MINT,
        price,
        change_24h: null,
        volume_24h: "1",
        high_24h: "1",
        low_24h: "1",
        trades_24h: 1,
        market_cap: "1",
      };
      // The same id again until it is acknowledged: it counts once.
      const done = broker.publish([{ topic: TOPIC, type: "MarketData", id: `price-${price}`, data }]);
      published += await done.then(
        () => 1,
        () => 0,
      );
      await sleep(MESSAGE_MS);
    }
  })();
  onTestFinished(async () => {
    stopped.abort();
    await publishing;
  });
  const haveAll = (): Promise<void> => {
    const until = published + 1;
    return eventually(() => {
      for (const lines of outputs) expect(lines.length, lines.at(-1)).toBeGreaterThanOrEqual(until);
    }, 60_000);
  };

  await haveAll();
  for (let restart = 0; restart < RESTARTS; restart += 1) {
    const gateway = gateways[restart % 3];
    if (gateway === undefined) {
      await redis.kill();
      await redis.restart();
    } else {
      // Killed, or asked to end, by turns.
      gateway.running.process.kill(restart % 2 === 0 ? "SIGKILL" : "SIGTERM");
      await gateway.running.process.exit;
      gateway.running = await startGateway(gateway.port);
    }
    await haveAll();
  }
  stopped.abort();
  await publishing;
  const expected = Array.from({ length: published }, (_, n) => `MarketData ${n + 1} lost 0 doubled 0`);
  for (const lines of outputs) await eventually(() => expect(lines).toEqual(expected));
  process.stdout.write(
    `${RESTARTS} restarts, ${published} messages, ${outputs.length} programs: lost 0, doubled 0\n`,
  );
}, 600_000);
