import { base58 } from "@scure/base";
import { randomBytes } from "node:crypto";
import { addressesOf, isHere } from "./addresses.ts";
import { error, ok, skipped, span, warning, type Check } from "./check.ts";
import type { ClusterServer } from "./cluster.ts";
import { findGateways, webSocketUrl, type FoundGateways } from "./find-gateways.ts";
import type { ConnectFailure, GatewayClient } from "./gateway-client.ts";

const ID = "gateways.round-trip";
const ADDRESS_BYTES = 32;
/** One message may be lost on its way; the next one shows the gap, and a gateway fills it. */
const MESSAGES = 3;
const MESSAGE_INTERVAL_MS = 700;
const HEAR_MS = 4_500;
/** What concerns the doctor's client, and says nothing about the gateway. */
const LIMITS = /^(?:forbidden|rate_limited|too_many_subscriptions)\b/;

export interface GatewayQuestions {
  /** Those of the registry; empty where it is not known. */
  readonly gateways: readonly ClusterServer[];
  /** Addresses of gateways that were named. */
  readonly given: readonly string[];
  /** Whether nobody named them, and one may be there or not. */
  readonly isGuess: boolean;
  readonly token: string | null;
  /** Why no token can be had, where gateways verify them. */
  readonly noToken: string | null;
  /** @returns why nothing could be published; null where it was. */
  readonly publish: ((topic: string, id: string) => Promise<string | null>) | null;
  /** Those that do not answer what is asked over the broker; null where nobody can ask. */
  readonly silent: Promise<readonly string[] | null>;
}

const DEAF = {
  means: "its clients get nothing new, or late, although they are connected.",
  remedy:
    "look at its /readyz and its log, at the rights of its Redis user (channels &commcoin:*), at proxies before Redis, and at CLIENT LIST; then restart it.",
} as const;

function tokenFinding(
  { message, sentToken }: ConnectFailure,
  subject: string,
  noToken: string | null,
): Check {
  if (!sentToken)
    return skipped(
      ID,
      `it verifies tokens, and ${noToken ?? "there is none here: set AUTH_JWT_SECRET, or give one with --access-token"}`,
      subject,
    );
  return error("configuration.token-key", {
    subject,
    says: `it refuses the token: ${message}`,
    means:
      "it verifies tokens with another key, issuer or audience than this environment has: clients with such tokens are not let in.",
    remedy:
      "give all gateways, and whoever signs tokens, the same AUTH_JWT_SECRET (or AUTH_JWT_PUBLIC_KEY, AUTH_JWKS_URL), AUTH_JWT_ISSUER and AUTH_JWT_AUDIENCE, and restart them.",
  });
}

/** Of a gateway to which no client could connect. */
function notConnected(
  server: ClusterServer,
  { failures }: FoundGateways,
  questions: Pick<GatewayQuestions, "given" | "noToken"> & { readonly silent: readonly string[] | null },
): Check {
  const { server_id: subject } = server;
  if (server.state === "draining") return skipped(ID, "it is draining, and takes no clients", subject);
  const all = addressesOf(server)
    .map((address) => failures.get(webSocketUrl(address)))
    .concat(questions.given.map((url) => failures.get(url)))
    .filter((failure) => failure !== undefined);
  const told = all.find(({ failure }) => failure === "token");
  if (told !== undefined) return tokenFinding(told, subject, questions.noToken);
  const silent = all.find(({ failure }) => failure === "silent");
  if (silent !== undefined)
    return error(ID, {
      subject,
      says: `${silent.url}: ${silent.message}`,
      means: "its process hangs or is stopped: its clients get nothing.",
      remedy:
        "look at its processor and memory and its log, then restart it; clients go on elsewhere by position.",
    });
  const refused = all.find(({ failure }) => failure === "refused");
  if (refused !== undefined)
    return error(ID, {
      subject,
      says: `${refused.url}: ${refused.message}`,
      means: "clients cannot connect there.",
      remedy:
        "503 and 429: docs/operations.md, Connection limits; 404: another service listens at that port.",
    });
  const first = all[0]?.message ?? (all.length === 0 ? "it tells no address" : "no connection");
  if (questions.silent?.includes(subject) === true) return answersNot(subject);
  if (isHere(server))
    return error(ID, {
      subject,
      says: `it runs on this machine, and cannot be connected to: ${first}`,
      means: "clients cannot connect there.",
      remedy: "look whether its port is open, and at its log.",
    });
  const answers = questions.silent === null ? "" : "it answers over Redis; ";
  return skipped(
    ID,
    `${answers}no client can reach it from here (${first}): run this on its network, or name its address with --gateway`,
    subject,
  );
}

const answersNot = (subject: string): Check =>
  error("gateways.questions", {
    subject,
    says: "it is deaf: it does not answer what is asked over Redis",
    ...DEAF,
  });

async function followAll(clients: readonly GatewayClient[], topic: string): Promise<readonly Check[]> {
  const refusals = await Promise.all(
    clients.map(async (client) => ({ client, refusal: await client.follow(topic) })),
  );
  return refusals.flatMap(({ client: { serverId }, refusal }) => {
    if (refusal === null) return [];
    if (LIMITS.test(refusal))
      return [skipped(ID, `the doctor may not follow a topic there (${refusal})`, serverId)];
    return [
      error(ID, {
        subject: serverId,
        says: `it is deaf: it cannot subscribe to a topic (${refusal})`,
        ...DEAF,
      }),
    ];
  });
}

/** Publishes until everybody heard it. */
async function publishAndHear(
  clients: readonly GatewayClient[],
  topic: string,
  publish: (topic: string, id: string) => Promise<string | null>,
): Promise<readonly Check[]> {
  const since = performance.now();
  const id = `doctor:${randomBytes(8).toString("hex")}`;
  const problem = await publish(topic, `${id}:1`);
  if (problem !== null)
    return clients.map(({ serverId }) =>
      skipped(ID, `nothing could be published to see whether it arrives: ${problem}`, serverId),
    );
  let left = clients.length;
  const heard = clients.map(async (client) => {
    const ms = await client.hear(topic, HEAR_MS);
    left -= 1;
    const took = performance.now() - since;
    if (ms !== null)
      return ok(ID, `a message that was published came to a client after ${span(took)}`, client.serverId);
    return error(ID, {
      subject: client.serverId,
      says: `it is deaf: a message that was published did not come to a client within ${span(HEAR_MS)}`,
      ...DEAF,
    });
  });
  const repeat = async (): Promise<void> => {
    for (let turn = 2; turn <= MESSAGES; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, MESSAGE_INTERVAL_MS));
      if (left === 0) return;
      await publish(topic, `${id}:${turn}`);
    }
  };
  const repeated = repeat();
  const checks = await Promise.all(heard);
  await repeated;
  return checks;
}

function modeFindings(clients: readonly GatewayClient[]): readonly Check[] {
  return clients
    .filter(({ ignoresTokens }) => ignoresTokens)
    .map(({ serverId }) =>
      warning("configuration.token-key", {
        subject: serverId,
        says: "it verifies no tokens (AUTH_MODE=none), and here AUTH_MODE is jwt",
        means: "every client of it is believed to be the user_id that it names.",
        remedy: "start it with AUTH_MODE=jwt and the key of this environment.",
      }),
    );
}

/** Whether what is published comes out of each gateway, and whether each hears what it is asked. */
export async function checkGateways(questions: GatewayQuestions): Promise<readonly Check[]> {
  const { gateways, given, token, publish } = questions;
  const [found, silent] = await Promise.all([
    findGateways({ wanted: gateways, given, token }),
    questions.silent,
  ]);
  const clients = [...found.clients.values()];
  try {
    const known = new Set(gateways.map(({ server_id }) => server_id));
    const missing = gateways
      .filter(({ server_id }) => !found.clients.has(server_id))
      .map((server) => notConnected(server, found, { ...questions, silent }));
    const wrongUrls = given.flatMap((url) => {
      const failure = found.failures.get(url);
      if (failure === undefined) return [];
      if (failure.failure === "token")
        return gateways.length > 0 ? [] : [tokenFinding(failure, url, questions.noToken)];
      if (questions.isGuess)
        return [skipped(ID, `no gateway is known, and there is none at ${url}: --gateway names one`)];
      return [
        error(ID, {
          subject: url,
          says: failure.message,
          means: "no client gets in there.",
          remedy: "correct --gateway or COMMCOIN_GATEWAY_URL (ws://host:8080/ws), or start the gateway.",
        }),
      ];
    });
    // Nobody but the doctor's clients is in the topic of an account that does not exist.
    const topic = `token:${base58.encode(randomBytes(ADDRESS_BYTES))}`;
    const deaf = await followAll(clients, topic);
    const listening = clients.filter(({ serverId }) => deaf.every(({ subject }) => subject !== serverId));
    const trips =
      publish === null
        ? listening.map(({ serverId }) =>
            skipped(
              ID,
              "nothing could be published to see whether it arrives: that needs ADMIN_TOKEN, or REDIS_URL",
              serverId,
            ),
          )
        : await publishAndHear(listening, topic, publish);
    const trouble = new Set(
      [...deaf, ...trips, ...missing]
        .filter(({ status }) => status === "error")
        .map(({ subject }) => subject),
    );
    const questionsAsked =
      silent === null ? [] : silent.filter((id) => known.has(id) && !trouble.has(id)).map(answersNot);
    return [...wrongUrls, ...modeFindings(clients), ...missing, ...deaf, ...trips, ...questionsAsked];
  } finally {
    for (const client of clients) client.close();
  }
}
