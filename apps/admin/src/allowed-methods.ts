import type { FastifyInstance } from "fastify";

/** A route's pattern as an expression for paths: `:name` stands for one part, `*` for the rest. */
const expressionOf = (pattern: string): RegExp => {
  const parts = pattern.split("/").map((part) => {
    if (part.startsWith(":")) return "[^/]+";
    return part === "*" ? ".*" : part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`);
  });
  return new RegExp(`^${parts.join("/")}$`);
};

/**
 * Remembers every route that is registered from now on.
 * @returns what tells the methods that a path has; none where there is no such path.
 */
export function rememberMethods(app: FastifyInstance): (path: string) => readonly string[] {
  const routes = new Map<string, { readonly path: RegExp; readonly methods: Set<string> }>();
  app.addHook("onRoute", ({ url, method }) => {
    const route = routes.get(url) ?? { path: expressionOf(url), methods: new Set() };
    for (const name of [method].flat()) route.methods.add(name);
    routes.set(url, route);
  });
  return (path) => {
    const matching = [...routes.values()].filter((route) => route.path.test(path));
    return [...new Set(matching.flatMap(({ methods }) => [...methods]))].toSorted();
  };
}
