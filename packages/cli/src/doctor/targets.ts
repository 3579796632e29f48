import { error, type Check } from "./check.ts";
import type { ServiceName, Variables } from "./variables.ts";

export interface DoctorOptions {
  readonly admin?: string;
  readonly token?: string;
  readonly gateway?: readonly string[];
  readonly accessToken?: string;
  /** Whose variables the environment holds. */
  readonly services: readonly ServiceName[];
  readonly json?: boolean;
}

/** Where the doctor looks, beside what the variables of the services say. */
export interface Targets {
  readonly adminUrl: string;
  /** Whether somebody named it. */
  readonly adminIsGiven: boolean;
  readonly adminToken: string | undefined;
  /** Gateways that somebody named. */
  readonly gateways: readonly string[];
  /** Where a gateway is on this machine. */
  readonly localGateway: string;
  readonly checks: readonly Check[];
}

const DEFAULT_ADMIN_PORT = 8_081;
const DEFAULT_GATEWAY_PORT = 8_080;

type Environment = Readonly<Record<string, string | undefined>>;

export const isUrlOf = (schemes: readonly string[], text: string): boolean =>
  URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1));

/** Reads a variable of this command that holds an address. */
function addressIn(
  env: Environment,
  name: string,
  schemes: readonly [string, ...string[]],
): { readonly url: string | null; readonly checks: readonly Check[] } {
  const text = (env[name] ?? "").trim();
  if (text === "") return { url: null, checks: [] };
  if (isUrlOf(schemes, text)) return { url: text, checks: [] };
  const finding = error("configuration.variables", {
    subject: name,
    says: `must be an address such as ${schemes[0]}://host:port`,
    means: "this command looks for it on this machine instead.",
    remedy: `correct ${name}.`,
  });
  return { url: null, checks: [finding] };
}

export function readTargets(env: Environment, variables: Variables, options: DoctorOptions): Targets {
  const admin = addressIn(env, "COMMCOIN_ADMIN_URL", ["http", "https"]);
  const gateway = addressIn(env, "COMMCOIN_GATEWAY_URL", ["ws", "wss"]);
  const given = options.admin ?? admin.url;
  const portOf = (port: number | undefined, usual: number): number =>
    port === undefined || port === 0 ? usual : port;
  return {
    adminUrl: given ?? `http://localhost:${portOf(variables.ADMIN_PORT, DEFAULT_ADMIN_PORT)}`,
    adminIsGiven: given !== null,
    adminToken: options.token ?? variables.ADMIN_TOKEN,
    gateways: options.gateway ?? (gateway.url === null ? [] : [gateway.url]),
    localGateway: `ws://localhost:${portOf(variables.WEBSOCKET_PORT, DEFAULT_GATEWAY_PORT)}/ws`,
    checks: [...admin.checks, ...gateway.checks],
  };
}
