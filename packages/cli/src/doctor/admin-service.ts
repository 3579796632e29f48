import { askHttp, sentenceIn, type HttpAnswer } from "./ask-http.ts";
import { error, ok, skipped, warning, type Check } from "./check.ts";
import { listenersAnswer, serversAnswer, type ClusterServer } from "./cluster.ts";

/** What the admin service tells of the cluster. */
export interface AdminView {
  readonly servers: readonly ClusterServer[];
  /** Where the services meet; null where a version does not tell it. */
  readonly broker: "redis" | "memory" | null;
  /** Milliseconds that its clock is ahead of this one, to a second; null where it does not tell its time. */
  readonly clockAheadMs: number | null;
}

export interface AdminService {
  readonly url: string;
  /** null when it cannot be read. */
  view(): Promise<AdminView | null>;
  /** Whether it can be read, and written to. */
  checks(): Promise<readonly Check[]>;
  /** Publishes a message of the doctor to a topic. @returns why it could not. */
  publish(topic: string, id: string): Promise<string | null>;
  /** Gateways that do not answer what is asked over the broker; null when it cannot be asked. */
  silentGateways(): Promise<readonly string[] | null>;
}

/** It waits three seconds for gateways. */
const SURVEY_MS = 5_000;

/** The message that gateways have to bring. */
export const doctorMessage = {
  user_id: null,
  title: "commcoin doctor",
  message: "",
  notification_type: "doctor",
} as const;

export function createAdminService({
  url,
  token,
}: {
  readonly url: string;
  readonly token: string | undefined;
}): AdminService {
  const at = (path: string): URL => new URL(path, url);
  const read = (path: string, withinMs?: number): Promise<HttpAnswer> =>
    askHttp(at(path), { token, ...(withinMs === undefined ? {} : { withinMs }) });
  let reading: Promise<HttpAnswer> | null = null;
  const first = (): Promise<HttpAnswer> => (reading ??= read("/api/servers"));

  const connection = (answer: HttpAnswer): Check => {
    const id = "admin.connection";
    if (answer.status === null)
      return error(id, {
        says: `${url} does not answer: ${answer.message}`,
        means:
          "nobody can look after the cluster, and no back end can publish through it; clients notice nothing.",
        remedy: "start it, or name it with --admin or COMMCOIN_ADMIN_URL.",
      });
    if (answer.status === 401 || answer.status === 403)
      return error(id, {
        says: `${url} refuses to be read: ${sentenceIn(answer)}`,
        means: "what it knows of the servers cannot be looked at from here.",
        remedy: "set ADMIN_TOKEN here to the one that the service was started with.",
      });
    if (answer.status === 200 && serversAnswer.safeParse(answer.body).success)
      return ok(id, `${url} answers`);
    return error(id, {
      says: `${url} answers ${answer.status}: ${sentenceIn(answer)}`,
      means:
        answer.status >= 500
          ? "the admin service cannot reach its broker."
          : "what answers there is no admin service, or a proxy before it is in the way.",
      remedy:
        answer.status >= 500
          ? "see what is said of Redis here, and its log."
          : "name the admin service with --admin or COMMCOIN_ADMIN_URL (http://host:8081).",
    });
  };

  /** Nothing is published: the empty body is refused once the token is accepted. */
  const tokenCheck = async (): Promise<Check> => {
    const id = "admin.token";
    if (token === undefined)
      return skipped(id, "ADMIN_TOKEN is not set here: whether the service takes writes was not tried");
    const answer = await askHttp(at("/api/ws/broadcast"), { token, body: {} });
    if (answer.status === 400) return ok(id, "its token is right");
    if (answer.status === null)
      return error(id, {
        says: `a write is not answered: ${answer.message}`,
        means: "nobody can publish through it.",
        remedy: "look at its log, and at proxies before it.",
      });
    if (answer.status === 403)
      return warning(id, {
        says: sentenceIn(answer),
        means: "nobody can publish, disconnect or drain through it.",
        remedy: "start the admin service with ADMIN_TOKEN.",
      });
    return error(id, {
      says: `it refuses the token: ${sentenceIn(answer)}`,
      means: "whoever has this ADMIN_TOKEN cannot publish, disconnect or drain.",
      remedy:
        "set ADMIN_TOKEN here, and in back ends, to the one that the service was started with; restart it after a change.",
    });
  };

  return {
    url,
    async view() {
      const answer = await first();
      reading = null;
      if (answer.status !== 200) return null;
      const parsed = serversAnswer.safeParse(answer.body);
      if (!parsed.success) return null;
      const listeners = await read("/api/listener");
      const told = listeners.status === 200 ? listenersAnswer.safeParse(listeners.body) : null;
      const statusOf = (id: string) =>
        told?.data?.listeners.find(({ server_id }) => server_id === id)?.status ?? null;
      return {
        servers: parsed.data.servers.map((server) => ({
          ...server,
          listener: server.service === "listener" ? statusOf(server.server_id) : null,
        })),
        broker: parsed.data.broker ?? null,
        clockAheadMs: answer.date === null ? null : answer.date - Date.now(),
      };
    },
    async checks() {
      const connected = connection(await first());
      return connected.status === "error" && !connected.says.includes("refuses to be read")
        ? [connected, skipped("admin.token", "the service cannot be asked")]
        : [connected, await tokenCheck()];
    },
    async publish(topic, id) {
      const body = { type: "Notification", data: doctorMessage, target: { topic }, id };
      const answer = await askHttp(at("/api/ws/broadcast"), { token, body });
      if (answer.status === 200) return null;
      return answer.status === null ? answer.message : sentenceIn(answer);
    },
    async silentGateways() {
      const answer = await read("/api/topics?limit=1", SURVEY_MS);
      const { missing_servers: missing } = (answer.status === 200 ? answer.body : {}) as {
        readonly missing_servers?: readonly string[];
      };
      return Array.isArray(missing) ? (missing as readonly string[]) : null;
    },
  };
}
