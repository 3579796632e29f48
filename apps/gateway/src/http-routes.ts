import type { ConnectionStats } from "@commcoin/protocol";
import type { Operations } from "@commcoin/service/telemetry";
import { refusal } from "./admission/refusal.ts";
import type { HttpAnswer, HttpRequest } from "./transport/socket.ts";

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
  "There are /ws, /api/ws/connections, /healthz, /readyz and /metrics here, the latter four for GET.",
);

/** What the gateway answers beside WebSockets. */
export function createHttpRoutes({
  operations,
  stats,
}: {
  readonly operations: Operations;
  /** Of all workers, where there are several. */
  readonly stats: () => Promise<ConnectionStats>;
}): (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer> {
  return ({ method, path }) => {
    if (method !== "get" && method !== "head") return notFound;
    if (path === "/api/ws/connections") {
      return stats().then((all) => ({ status: 200, contentType: JSON_TYPE, body: JSON.stringify(all) }));
    }
    if (path === "/ws") return upgradeRequired;
    return operations.answer(path) ?? notFound;
  };
}
