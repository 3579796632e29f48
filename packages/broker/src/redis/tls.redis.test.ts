import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startRedisServer, type RedisServer } from "../testing/index.ts";
import { startTcpProxy, type TcpProxy } from "../testing/tcp-proxy.ts";

const run = promisify(execFile);

/** What a service does with a broker, in a process that trusts what the environment says. */
const SCRIPT = `
import { createRedisBroker } from "./src/index.ts";
import { silentLogger } from "@commcoin/service/telemetry";
const broker = createRedisBroker({ url: process.argv[1], logger: silentLogger });
try {
  await broker.start();
  const arrived = new Promise((resolve) => void broker.subscribe("notifications", resolve).then(() =>
    broker.publish([{ topic: "notifications", type: "Notification", id: "a", data: {} }])));
  console.log("arrived " + (await arrived).offset);
} catch (error) {
  console.log(String(error));
}
await broker.close();
`;

/** Why there is no TLS to be tested; null when there is. */
async function whyNoTls(): Promise<string | null> {
  const server = await startRedisServer();
  const redis = new Redis(server.url);
  try {
    await redis.config("GET", "tls-port").then((reply) => {
      if ((reply as unknown[]).length === 0) throw new Error("this redis-server was built without TLS");
    });
    await run("openssl", ["version"]);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    redis.disconnect();
    await server.stop();
  }
}

const reason = await whyNoTls();

describe.skipIf(reason !== null)(
  `Redis broker over TLS${reason === null ? "" : ` (skipped: ${reason})`}`,
  () => {
    let server: RedisServer;
    let front: TcpProxy;
    let certificate = "";

    const publishAndReceive = async (url: string, trusted: boolean): Promise<string> => {
      const { stdout } = await run(
        process.execPath,
        ["--conditions=@commcoin/source", "--import", "tsx", "--input-type=module", "--eval", SCRIPT, url],
        { env: { ...process.env, ...(trusted ? { NODE_EXTRA_CA_CERTS: certificate } : {}) } },
      );
      return stdout.trim();
    };

    beforeAll(async () => {
      server = await startRedisServer();
      certificate = join(server.directory, "certificate.pem");
      const key = join(server.directory, "key.pem");
      const request =
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost " +
        "-addext subjectAltName=DNS:localhost";
      await run("openssl", [...request.split(" "), "-keyout", key, "-out", certificate]);
      // The port of a proxy that is closed at once: nobody else uses it for the moment.
      front = await startTcpProxy({ host: "127.0.0.1", port: server.port });
      await front.close();
      const redis = new Redis(server.url);
      for (const [name, value] of [
        ["tls-cert-file", certificate],
        ["tls-key-file", key],
        ["tls-ca-cert-file", certificate],
        ["tls-auth-clients", "no"],
        ["tls-port", String(front.port)],
      ] as const) {
        await redis.config("SET", name, value);
      }
      redis.disconnect();
    });
    afterAll(() => server.stop());

    it("publishes and receives through rediss:// where the certificate is trusted", async () => {
      expect(await publishAndReceive(`rediss://localhost:${front.port}`, true)).toBe("arrived 1");
    });

    it("refuses a certificate that nobody vouches for", async () => {
      expect(await publishAndReceive(`rediss://localhost:${front.port}`, false)).toMatch(
        /StartError.*certificate.*NODE_EXTRA_CA_CERTS/,
      );
    });

    it("refuses a certificate made out to another name", async () => {
      expect(await publishAndReceive(`rediss://127.0.0.1:${front.port}`, true)).toMatch(
        /StartError.*altnames.*Use the name/,
      );
    });
  },
);
