import { onRequest, type Answer, type Commands, type Request } from "./worker-protocol.ts";

const builtIn: Commands = {
  [onRequest.usage]: () => {
    const { user, system } = process.cpuUsage();
    return { cpuMicros: user + system, rssBytes: process.memoryUsage.rss() };
  },
  [onRequest.collectGarbage]: () => {
    globalThis.gc?.();
  },
};

/** Answers the commands of the process that started this one, until that one lets go. */
export function serve(commands: Commands): void {
  const all: Commands = { ...commands, ...builtIn };
  const answer = (message: Answer): void => {
    if (process.connected) process.send?.(message);
  };
  process.on("message", ({ id, command, input }: Request) => {
    void (async () => {
      try {
        const run = all[command] as ((...input: readonly unknown[]) => unknown) | undefined;
        if (run === undefined) throw new Error(`there is no command ${command}`);
        answer({ id, output: await run(...input) });
      } catch (error) {
        answer({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      }
    })();
  });
  // A profile that was asked for is written on exit.
  process.on("disconnect", () => process.exit());
  answer("ready");
}
