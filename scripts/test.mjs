// Everything that must hold: lint, format, import rules, dead code, types, and all tests.
import "../packages/service/supported-node.mjs";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { nativeServerProblem } from "./native-server.mjs";
import { provideRedisServer } from "./redis-server.mjs";

const CHECKS = [
  "//#lint",
  "//#format:check",
  "//#deps",
  "//#deadcode",
  "typecheck",
  "test",
  "//#test:node24:small",
];

const problem = nativeServerProblem() ?? provideRedisServer();
if (problem !== null) {
  process.stderr.write(`${problem}\n`);
  process.exit(1);
}

// Named here, so that a cached result counts only for as long as the recordings are there, or are not.
const recordings = fileURLToPath(new URL("../../shared/data", import.meta.url));
if (process.env.COMMCOIN_TEST_DATA === undefined && existsSync(recordings)) {
  process.env.COMMCOIN_TEST_DATA = recordings;
}

const counts = { passed: 0, failed: 0, skipped: 0 };
/** What failed, and the first line of why: the end of the output is all that some see of it. */
const failures = [];
let whyIsNext = false;
const read = (line) => {
  // eslint-disable-next-line no-control-regex -- vitest colours its summary
  const plain = line.replace(/\u001b\[[0-9;]*m/g, "");
  const [, test] = /^(?:\S+:test: )?\s*FAIL\s+(.*)/.exec(plain) ?? [];
  if (whyIsNext) failures.push(plain);
  whyIsNext = test !== undefined;
  if (test !== undefined) failures.push(`FAILED ${test}`);
  const [, tasks] = /^\s*Failed:\s+(.*)/.exec(plain) ?? [];
  if (tasks !== undefined) failures.push(`FAILED tasks: ${tasks}`);
  if (!/^(\S+:test: )?\s*Tests\s+\d/.test(plain)) return;
  for (const [, number, what] of plain.matchAll(/(\d+) (passed|failed|skipped)/g))
    counts[what] += Number(number);
};
/** Passes on what is written, and reads it. */
const follow = (from, to) => {
  let rest = "";
  from.on("data", (chunk) => {
    to.write(chunk);
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(read);
  });
  from.on("end", () => read(rest));
};

const turbo = spawn(
  "turbo",
  ["run", ...CHECKS, "--continue", "--concurrency=2", "--output-logs=full", ...process.argv.slice(2)],
  {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, FORCE_COLOR: process.stdout.isTTY ? "1" : "0" },
  },
);
follow(turbo.stdout, process.stdout);
follow(turbo.stderr, process.stderr);
turbo.on("close", (code) => {
  for (const failure of failures) process.stdout.write(`${failure}\n`);
  process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  process.exitCode = code ?? 1;
});
