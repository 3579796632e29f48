import type { Environment } from "./load-config.ts";
import { nearest } from "./nearest.ts";
import { VARIABLE_NAMES } from "./variable-names.ts";

/** What begins so is meant for these services. Names such as `SERVER_…` or `LOG_…` belong to everybody. */
const OWN_PREFIXES = [
  "ADMIN_",
  "AUTH_",
  "COMMCOIN_",
  "GATEWAY_",
  "LISTENER_",
  "MESSAGE_BROKER_",
  "REDIS_",
  "SHUTDOWN_DRAIN_",
  "SOLANA_",
  "TOPIC_RETENTION",
  "TRANSACTION_LISTENER_",
  "TRUSTED_PROX",
  "WATCHED_ACCOUNTS_",
  "WEBSOCKET_",
];
/** Of the `commcoin` command, which is given the environment of the services. */
const COMMAND_NAMES = ["COMMCOIN_ADMIN_URL", "COMMCOIN_GATEWAY_URL"];
const KNOWN_NAMES = [...VARIABLE_NAMES, ...COMMAND_NAMES];
/** Of tools, and of the tests of this repository. */
const FOREIGN = /^(?:npm_|NODE_|COMMCOIN_(?:REDIS_SERVER|TEST_DATA)$)/i;
/** What Kubernetes and links of Docker set for a service of any name. */
const SERVICE_LINK =
  /_(?:SERVICE_(?:HOST|PORT(?:_\w+)?)|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?|ENV_\w+)$/;
const LINK_ADDRESS = /^(?:tcp|udp|sctp):\/\//;

export interface UnknownVariable {
  readonly name: string;
  /** The right name that is the most like it. */
  readonly nearest: string;
}

const isLink = (name: string, value: string): boolean =>
  SERVICE_LINK.test(name) || (name.endsWith("_PORT") && LINK_ADDRESS.test(value));

/** Variables that are set, mean nothing to any service, and look as if somebody believed that they do. */
export function unknownVariables(env: Environment): readonly UnknownVariable[] {
  return Object.entries(env).flatMap(([name, value = ""]) => {
    if (KNOWN_NAMES.includes(name) || FOREIGN.test(name) || isLink(name, value)) return [];
    const upper = name.toUpperCase();
    const prefix = OWN_PREFIXES.find((start) => upper.startsWith(start));
    const alike = KNOWN_NAMES.filter((known) => prefix === undefined || known.startsWith(prefix));
    const found = nearest(upper, alike);
    if (found === null) return [];
    if (prefix === undefined && !found.isSlip) return [];
    // Whoever cut a name short meant that one, though another may be nearer.
    const whole = alike.find((known) => known.startsWith(upper));
    return [{ name, nearest: whole ?? found.name }];
  });
}
