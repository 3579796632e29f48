import type { ConnectionStats } from "@commcoin/protocol";
import { isOperationsPath, OPERATIONS_METHODS, type Operations } from "@commcoin/service/telemetry";
import { refusal } from "./refusal.ts";
import type { HttpAnswer, HttpRequest } from "../transport/socket.ts";

const JSON_TYPE = "application/json; charset=utf-8";

const upgradeRequired: HttpAnswer = {
  status: 426,
  contentType: JSON_TYPE,
  body: JSON.stringify({
    code: "upgrade_required",
    message: "/ws speaks WebSocket; connect with a WebSocket client.",
  }),
  headers: { upgrade: "websocket" },
};

const notFound = refusal(
  "not_found",
  "There are /ws, /api/ws/connections, /healthz, /readyz and /metrics here; the admin API is another service (ADMIN_PORT).",
);

const methodNotAllowed = (method: string, allow: string): HttpAnswer => ({
  status: 405,
  contentType: JSON_TYPE,
  body: JSON.stringify({
    code: "method_not_allowed",
    message: `There is no ${method.toUpperCase()} here, but ${allow}.`,
  }),
  headers: { allow },
});

const STATS_PATH = "/api/ws/connections";

/** What may be asked at a path; null where there is no such path. */
function allowedAt(path: string): string | null {
  if (path === "/ws") return "GET";
  if (path === STATS_PATH) return "GET, HEAD, OPTIONS";
  return isOperationsPath(path) ? OPERATIONS_METHODS : null;
}

/** Browsers need not ask again for so long. */
const PREFLIGHT_SECONDS = 600;

const forbiddenOrigin = refusal(
  "forbidden_origin",
  "Pages of this origin may not read this (WEBSOCKET_ALLOWED_ORIGINS).",
);

/** What the gateway answers beside WebSockets. */
export function createHttpRoutes({
  operations,
  stats,
  allowsOrigin,
}: {
  readonly operations: Operations;
  /** Of all workers, where there are several. */
  readonly stats: () => Promise<ConnectionStats>;
  /** Whether a page may read the statistics: those that may connect. */
  readonly allowsOrigin: (origin: string) => boolean;
}): (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer> {
  /** Without these, browsers hide an answer from pages of another origin. */
  const shared = (origin: string): Readonly<Record<string, string>> => ({
    vary: "Origin",
    ...(origin !== "" && allowsOrigin(origin) && { "access-control-allow-origin": origin }),
  });
  const preflight = (origin: string): HttpAnswer =>
    origin !== "" && allowsOrigin(origin)
      ? {
          status: 200,
          contentType: "text/plain",
          body: "",
          headers: {
            ...shared(origin),
            "access-control-allow-methods": "GET, HEAD",
            "access-control-allow-headers": "*, Authorization",
            "access-control-max-age": String(PREFLIGHT_SECONDS),
          },
        }
      : { ...forbiddenOrigin, headers: { vary: "Origin" } };

  return ({ method, path, origin }) => {
    if (path === STATS_PATH && method === "options") return preflight(origin);
    const allow = allowedAt(path);
    if (allow === null) return notFound;
    if (method !== "get" && method !== "head") return methodNotAllowed(method, allow);
    if (path === STATS_PATH) {
      return stats().then((all) => ({
        status: 200,
        contentType: JSON_TYPE,
        body: JSON.stringify(all),
        headers: shared(origin),
      }));
    }
    if (path === "/ws") return upgradeRequired;
    return operations.answer(path) ?? notFound;
  };
}
