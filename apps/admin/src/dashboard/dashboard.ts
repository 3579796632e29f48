import { readFile } from "node:fs/promises";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { contentPolicy, type GatewayAddress } from "./content-policy.ts";

/** Each view has a URL of its own; the page at all of them is the same, and shows the one it was opened at. */
const VIEWS = [
  "/",
  "/market",
  "/market/:mint",
  "/topics",
  "/topics/:topic",
  "/connections",
  "/publish",
  "/listener",
];

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");

interface DashboardOptions {
  /** Holds `index.html` and `assets/`, as Vite builds them; null when they were not built. */
  readonly folder: string | null;
  readonly gateway: GatewayAddress;
}

/**
 * Serves the dashboard. The pages hold no data and are open to everybody who reaches the port; what they show they ask
 * the API for, which wants the token where it is needed.
 */
export async function registerDashboard(app: FastifyInstance, options: DashboardOptions): Promise<void> {
  const { folder, gateway } = options;
  if (folder === null) {
    app.get("/", { schema: { hide: true } }, async (_request, reply) => reply.redirect("/docs"));
    return;
  }
  const html = await readFile(join(folder, "index.html"), "utf8");
  const page = html
    .replace("%GATEWAY_URL%", () => escape(gateway.url ?? ""))
    .replace("%GATEWAY_PORT%", () => String(gateway.port));
  for (const url of VIEWS) {
    app.get(url, { schema: { hide: true } }, async (request, reply) =>
      reply
        .header("content-security-policy", contentPolicy(gateway, request.headers.host ?? ""))
        // The names of the files in it change with every build.
        .header("cache-control", "no-cache")
        .type("text/html; charset=utf-8")
        .send(page),
    );
  }
  await app.register(fastifyStatic, {
    root: join(folder, "assets"),
    prefix: "/assets/",
    wildcard: false,
    decorateReply: false,
    // The build puts a compressed copy beside each file.
    preCompressed: true,
    immutable: true,
    maxAge: "365d",
    schemaHide: true,
  });
}
