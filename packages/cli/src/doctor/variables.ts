import { adminConfig, adminVariables } from "@commcoin/admin/config";
import { gatewayConfig, gatewayVariables } from "@commcoin/gateway/config";
import { listenerConfig, listenerVariables } from "@commcoin/listener/config";
import { hidingSecrets, loadConfig, type Environment } from "@commcoin/service/config";
import { standaloneConfig } from "@commcoin/standalone/config";
import { z } from "zod";

export const SERVICES = ["listener", "gateway", "admin"] as const;
export type ServiceName = (typeof SERVICES)[number];

export const schemas = { listener: listenerConfig, gateway: gatewayConfig, admin: adminConfig } as const;
export const singleProcess = standaloneConfig;

/** The variables of a schema as far as each can be read by itself; undefined where one cannot. */
function readEach<Schema extends z.ZodObject>(schema: Schema, env: Environment): Partial<z.infer<Schema>> {
  return Object.fromEntries(
    Object.entries(schema.shape).flatMap(([name, field]) => {
      try {
        return Object.entries(loadConfig(z.object({ [name]: field as z.ZodType }), env));
      } catch {
        return [];
      }
    }),
  ) as Partial<z.infer<Schema>>;
}

const nodeVariables = listenerVariables.pick({ SOLANA_RPC_URL: true, SOLANA_WS_URL: true });

function readNodes(env: Environment): readonly { readonly httpUrl: string; readonly wsUrl: string | null }[] {
  try {
    const { SOLANA_RPC_URL, SOLANA_WS_URL } = loadConfig(nodeVariables, env);
    return SOLANA_RPC_URL.map((httpUrl, index) => ({ httpUrl, wsUrl: SOLANA_WS_URL[index] ?? null }));
  } catch {
    return [];
  }
}

/** Of what is said of the environment, all that the other checks go by. What is wrong in it is told by its own check. */
export function readVariables(env: Environment) {
  return {
    ...readEach(listenerVariables, env),
    ...readEach(gatewayVariables, env),
    ...readEach(adminVariables, env),
    nodes: readNodes(env),
    isSet: (name: string): boolean => (env[name] ?? "").trim() !== "",
  };
}
export type Variables = ReturnType<typeof readVariables>;

const ADDRESSES =
  /^(?:REDIS_URL|SOLANA_(?:RPC|WS)_URL|AUTH_JWKS_URL|DASHBOARD_GATEWAY_URL|COMMCOIN_\w+_URL)$/;
const MIN_LENGTH = 4;

/**
 * Makes a function that takes all secrets of the environment, and further ones, out of a text.
 * @param given addresses that stand in no variable, which may hold secrets as well.
 */
export function hidingAll(
  env: Environment,
  further: readonly string[],
  given: readonly string[],
): (text: string) => string {
  const addresses = Object.entries(env).flatMap(([name, value = ""]) =>
    ADDRESSES.test(name)
      ? [name === "REDIS_URL" ? value : value.split(",").map((part) => part.trim())].flat()
      : [],
  );
  const inAddresses = hidingSecrets([...addresses, ...given]);
  const whole = [...further, env["ADMIN_TOKEN"] ?? "", env["AUTH_JWT_SECRET"] ?? ""].filter(
    ({ length }) => length >= MIN_LENGTH,
  );
  return (text) => inAddresses(whole.reduce((shown, secret) => shown.replaceAll(secret, "[secret]"), text));
}
