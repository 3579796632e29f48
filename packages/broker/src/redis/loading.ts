import type { Nodes, RedisNode } from "./nodes.ts";

/** Finds out whether Redis is there and loads its data: it refuses everything else meanwhile. */
export interface LoadingWatch {
  /** To be called twice a second. */
  tick(): void;
  /** How far it is, as a sentence; null when none loads, as far as is known. */
  problem(): string | null;
}

const fieldOf = (info: string, name: string): string | undefined =>
  new RegExp(String.raw`^${name}:(\S+)`, "m").exec(info)?.[1];

/** @returns null when the data is loaded. */
function readLoading(info: string): string | null {
  if (fieldOf(info, "loading") !== "1") return null;
  const share = Math.floor(Number(fieldOf(info, "loading_loaded_perc") ?? 0));
  const seconds = Number(fieldOf(info, "loading_eta_seconds") ?? Number.NaN);
  const left = seconds > 0 ? `, about ${seconds} s to go` : "";
  return `loads its data: ${share} % so far${left}. It is used as soon as that is done; nothing has to be done.`;
}

/** @param changed is called when `problem` may have changed. */
export function createLoadingWatch(nodes: () => Nodes, changed: () => void): LoadingWatch {
  const progress = new WeakMap<RedisNode, string>();
  const asked = new WeakSet<RedisNode>();

  const ask = async (node: RedisNode): Promise<void> => {
    asked.add(node);
    try {
      // Unlike others, this command is sent on a connection that is not ready, and answered while data is loaded.
      const loading = readLoading(await node.commands.info("persistence"));
      if (loading === null) progress.delete(node);
      else progress.set(node, `Redis at ${node.name} ${loading}`);
    } catch {
      progress.delete(node);
    }
    asked.delete(node);
    changed();
  };
  return {
    tick() {
      for (const node of nodes().all()) {
        if (node.commands.status === "connect" && !asked.has(node)) void ask(node);
      }
    },
    problem() {
      for (const node of nodes().all()) {
        if (node.commands.status === "connect" && progress.has(node)) return progress.get(node) ?? null;
      }
      return null;
    },
  };
}
