/** A view and what its URL says of it. */
export type Route =
  | { readonly view: "overview" | "market" | "topics" | "connections" | "publish" | "listener" | "missing" }
  | { readonly view: "coin"; readonly mint: string }
  | { readonly view: "topic"; readonly topic: string };

const PLAIN: Readonly<Record<string, Route["view"]>> = {
  "": "overview",
  market: "market",
  topics: "topics",
  connections: "connections",
  publish: "publish",
  listener: "listener",
};

function decode(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

/** The view of a path. */
export function parseRoute(path: string): Route {
  const [first = "", second, ...more] = path.replace(/^\//, "").replace(/\/$/, "").split("/");
  const missing: Route = { view: "missing" };
  if (more.length > 0) return missing;
  if (second === undefined) {
    const view = Object.hasOwn(PLAIN, first) ? PLAIN[first] : undefined;
    return view === undefined ? missing : ({ view } as Route);
  }
  const argument = decode(second);
  if (argument === null || argument === "") return missing;
  if (first === "market") return { view: "coin", mint: argument };
  if (first === "topics") return { view: "topic", topic: argument };
  return missing;
}

/** Connections that fit; what is empty fits all. */
export function connectionsPath(filter: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ""));
  return query.size === 0 ? "/connections" : `/connections?${query.toString()}`;
}
export const coinPath = (mint: string): string => `/market/${encodeURIComponent(mint)}`;
export const topicPath = (topic: string): string => `/topics/${encodeURIComponent(topic)}`;
