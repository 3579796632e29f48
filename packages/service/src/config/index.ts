export { commonVariables, requireBroker, SERVER_ID_MAX_LENGTH } from "./common.ts";
export { readRedisAddress, type RedisAddress } from "./redis-address.ts";
export { hidingSecrets } from "./secrets.ts";
export { describeVariables, type VariableDescription } from "./describe.ts";
export {
  boolean,
  integer,
  list,
  oneOf,
  optional,
  optionalBoolean,
  optionalInteger,
  port,
  text,
  urls,
  wordOf,
} from "./fields.ts";
export { MAX_WATCHED_ACCOUNTS, watchedAccountsVariables } from "./watched-accounts.ts";
export { ConfigError, impliedVariables, loadConfig, type Environment } from "./load-config.ts";
export { nearest } from "./nearest.ts";
export { wrappedVariables } from "./wrapped-variables.ts";
export { unknownVariables } from "./unknown-variables.ts";
