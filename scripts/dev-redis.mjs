// Keeps a Redis at hand for development: uses the one that answers at localhost:6379, else runs a redis-server.
import { spawn } from "node:child_process";
import { connect } from "node:net";
import { hasRedisServer, redisServerBinary } from "./redis-server.mjs";

const PORT = 6379;

const answers = () =>
  new Promise((resolve) => {
    const socket = connect(PORT, "localhost");
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
    socket.once("connect", () => socket.end());
  });

const idle = () => setInterval(() => {}, 2 ** 30);

if (process.env.REDIS_URL) {
  console.log("REDIS_URL is set: using that Redis.");
  idle();
} else if (await answers()) {
  console.log(`Using the Redis that answers at localhost:${PORT}.`);
  idle();
} else if (hasRedisServer()) {
  const server = spawn(redisServerBinary(), ["--port", String(PORT), "--save", "", "--loglevel", "warning"], {
    stdio: "inherit",
  });
  server.on("spawn", () => console.log(`Started redis-server on port ${PORT}.`));
  server.on("exit", (code) => process.exit(code ?? 0));
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => server.kill("SIGTERM"));
} else {
  console.error(
    `No Redis answers at localhost:${PORT} and there is no redis-server to start. Install one ` +
      "(for example `apt-get install redis-server`) or set REDIS_URL.",
  );
  process.exit(1);
}
