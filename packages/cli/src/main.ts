#!/usr/bin/env node
import { runProgram } from "./program.ts";

const stopped = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopped.abort());
// `commcoin tail … | head` ends when head does.
process.stdout.on("error", () => stopped.abort());

process.exitCode = await runProgram(
  {
    env: process.env,
    write: (text) => process.stdout.write(text),
    warn: (text) => process.stderr.write(text),
    colors: process.stdout.isTTY && process.stdout.hasColors(),
    signal: stopped.signal,
  },
  process.argv.slice(2),
);
