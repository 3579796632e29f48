import { publicUrl } from "./public-url.ts";

export interface Endpoint {
  /** Tells it from the others in logs, metrics and status: the URL without secrets. */
  readonly name: string;
  readonly url: string;
}

/** Gives each node to one connection at a time; those that nobody has are spares. */
export interface Endpoints {
  readonly all: readonly Endpoint[];
  /** The spare that was given back first, in exchange for the one that a connection has; that one when there is none. */
  exchange(current: Endpoint): Endpoint;
  readonly spares: readonly Endpoint[];
}

/** Two ways to one host are two nodes: the second has a number behind its name. */
export function nameEndpoints(urls: readonly string[]): readonly Endpoint[] {
  const times = new Map<string, number>();
  return urls.map((url) => {
    const name = publicUrl(url);
    const time = (times.get(name) ?? 0) + 1;
    times.set(name, time);
    return { url, name: time === 1 ? name : `${name}#${time}` };
  });
}

/** @param taken so many, the first of the list, are taken from the start. */
export function createEndpoints(all: readonly Endpoint[], taken: number): Endpoints {
  const spares = all.slice(taken);
  return {
    all,
    spares,
    exchange(current) {
      const next = spares.shift();
      if (next === undefined) return current;
      spares.push(current);
      return next;
    },
  };
}
