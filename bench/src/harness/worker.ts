import { startWorker as start, type Commands, type Worker } from "@commcoin/harness";

const fromSource = import.meta.url.endsWith(".ts");

/**
 * Starts `workers/<name>` in a process of its own.
 * @param execArgv more arguments of node, such as `--cpu-prof`.
 */
export const startWorker = <C extends Commands>(
  name: string,
  execArgv: readonly string[] = [],
): Promise<Worker<C>> =>
  start<C>(new URL(fromSource ? `../workers/${name}.ts` : `./workers/${name}.js`, import.meta.url), execArgv);
