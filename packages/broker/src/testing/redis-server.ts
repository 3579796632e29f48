import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

export interface RedisServerOptions {
  /** More arguments of `redis-server`, such as `["--appendonly", "yes"]`; nothing is written to disk by default. */
  readonly args?: readonly string[];
  /** Makes it a node of a Redis Cluster. */
  readonly cluster?: boolean;
  /** Text of a configuration file, which Sentinel (`args: ["--sentinel"]`) insists on. */
  readonly config?: string;
}

/** A real `redis-server` of a test's own, on a port of its own. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Where it keeps its files; removed by `stop`. */
  readonly directory: string;
  /** Ends it in good order, with its data written if it writes any, and removes its files. */
  stop(): Promise<void>;
  /** Ends it in good order, with its data written if it writes any; its files stay for `restart`. */
  shutDown(): Promise<void>;
  /** Ends it as a crash would (SIGKILL); its files stay for `restart`. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with the data that its arguments made it keep. */
  restart(): Promise<void>;
  /** Freezes it: connections stay open, nothing answers. */
  pause(): void;
  resume(): void;
}

const HOST = "127.0.0.1";
const START_TIMEOUT_MS = 10_000;
/** Somebody else may take a port between the moment it was found free and the moment the server binds it. */
const PORT_ATTEMPTS = 5;

class PortTakenError extends Error {}

/** A node of a cluster listens for other nodes at its port plus this. */
const CLUSTER_BUS_OFFSET = 10_000;
const MAX_PORT = 65_535;

async function freePort(max: number): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port <= max ? port : freePort(max);
}

/** Asks whoever listens on a port for its process id; null when nobody answers like a Redis. */
async function processAt(port: number): Promise<number | null> {
  const socket = connect(port, HOST);
  socket.setTimeout(1_000, () => socket.destroy());
  let answer = "";
  try {
    socket.write("INFO server\r\n");
    for await (const chunk of socket) {
      answer += String(chunk);
      const pid = /process_id:(\d+)/.exec(answer)?.[1];
      if (pid !== undefined) return Number(pid);
    }
    return null;
  } catch {
    return null;
  } finally {
    socket.destroy();
  }
}

interface Command {
  readonly directory: string;
  readonly configFile: string | null;
  readonly args: readonly string[];
  readonly maxPort: number;
}

async function launch(port: number, { directory, configFile, args }: Command): Promise<ChildProcess> {
  const binary = process.env.COMMCOIN_REDIS_SERVER ?? "redis-server";
  const child = spawn(
    binary,
    [
      ...(configFile === null ? [] : [configFile]),
      "--bind",
      HOST,
      "--port",
      String(port),
      "--dir",
      directory,
      "--save",
      "",
      "--appendonly",
      "no",
      ...args,
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  const collect = (chunk: unknown): void => {
    output = (output + String(chunk)).slice(-4_000);
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  let failure: Error | null = null;
  child.once("error", (error) => {
    failure = new Error(
      `Cannot run ${binary} (${error.message}). Install Redis 7 (Debian and Ubuntu: apt-get install redis-server; ` +
        "macOS: brew install redis), or set COMMCOIN_REDIS_SERVER to the path of a redis-server.",
      { cause: error },
    );
  });
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline) {
    if (failure !== null) throw failure as Error;
    if (child.exitCode !== null) {
      if (output.includes("Address already in use")) throw new PortTakenError();
      throw new Error(`redis-server ended at once:\n${output}`);
    }
    if (child.pid !== undefined && (await processAt(port)) === child.pid) return child;
    await delay(20);
  }
  child.kill("SIGKILL");
  throw new Error(`redis-server did not answer on port ${port} within ${START_TIMEOUT_MS} ms:\n${output}`);
}

async function launchOnFreePort(
  command: Command,
): Promise<{ readonly port: number; readonly child: ChildProcess }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort(command.maxPort);
    try {
      return { port, child: await launch(port, command) };
    } catch (error) {
      if (!(error instanceof PortTakenError) || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

/** Starts a `redis-server` (from `COMMCOIN_REDIS_SERVER` or the PATH) and waits until it answers. */
export async function startRedisServer({
  args = [],
  config,
  cluster = false,
}: RedisServerOptions = {}): Promise<RedisServer> {
  const directory = await mkdtemp(join(tmpdir(), "commcoin-redis-"));
  const configFile = config === undefined ? null : join(directory, "redis.conf");
  if (configFile !== null) await writeFile(configFile, config ?? "");
  const command: Command = {
    directory,
    configFile,
    args: cluster ? ["--cluster-enabled", "yes", ...args] : args,
    maxPort: cluster ? MAX_PORT - CLUSTER_BUS_OFFSET : MAX_PORT,
  };
  const started = await launchOnFreePort(command).catch(async (error: unknown) => {
    await rm(directory, { recursive: true, force: true });
    throw error;
  });
  const { port } = started;
  let { child } = started;
  const killAtExit = (): void => {
    child.kill("SIGKILL");
  };
  process.once("exit", killAtExit);

  const end = async (signal: "SIGTERM" | "SIGKILL"): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    // A frozen server only sees SIGTERM once it runs again.
    child.kill("SIGCONT");
    await exited;
  };
  return {
    url: `redis://${HOST}:${port}`,
    port,
    directory,
    async stop() {
      process.off("exit", killAtExit);
      await end("SIGTERM");
      await rm(directory, { recursive: true, force: true });
    },
    shutDown: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    async restart() {
      await end("SIGKILL");
      child = await launch(port, command);
    },
    pause() {
      child.kill("SIGSTOP");
    },
    resume() {
      child.kill("SIGCONT");
    },
  };
}
