import type { Demand } from "@commcoin/broker";
import { TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from "../decode/programs/addresses.ts";
import type { Lane } from "../model/lane.ts";
import type { SourceName } from "../model/notification.ts";
import { createAccountSource } from "./account-source.ts";
import { createBlockSource } from "./block-source.ts";
import { createLogsSource, type LogsSourceOptions } from "./logs-source.ts";
import type { Source } from "./source.ts";

type LogsContext = Omit<LogsSourceOptions, "name" | "addresses" | "maxAddresses" | "coins">;

interface Context extends LogsContext {
  readonly demand: Pick<Demand, "wanted" | "listen">;
  /** How long an account stays watched that no client follows any more. */
  readonly accountGraceMs: number;
}

export interface Sources {
  readonly all: readonly Source[];
  /** Programs of which every transaction is seen. */
  readonly programs: ReadonlySet<string>;
  /** Accounts that are watched at the moment. */
  readonly accounts: ReadonlySet<string>;
  /** Fulfilled once it is known for the first time which accounts clients follow. */
  readonly demandRead: Promise<void>;
  /** Tells of a coin that CommCoin created, for the sources that follow such coins, and from which slot on it matters. */
  followCoin(mint: string, slot: number): void;
  /** Everything that is followed. */
  lanes(): readonly Lane[];
  /** Of those, what is followed by reading whole blocks. */
  blockLanes(): readonly Lane[];
}

/** What the configuration says of what is followed. */
interface SourceConfig {
  readonly COMMCOIN_PROGRAM_ID: string;
  readonly TRANSACTION_LISTENER_PROGRAM: boolean;
  readonly TRANSACTION_LISTENER_TOKENS: "created" | "all" | "off";
  readonly TRANSACTION_LISTENER_MAX_TOKENS: number;
  readonly TRANSACTION_LISTENER_ACCOUNTS: readonly string[];
  readonly WATCHED_ACCOUNTS_MAX: number;
}

/** The sources that the configuration turns on. */
export function createSources(
  config: SourceConfig,
  { demand, accountGraceMs: graceMs, ...context }: Context,
): Sources {
  const {
    COMMCOIN_PROGRAM_ID: program,
    TRANSACTION_LISTENER_PROGRAM: followProgram,
    TRANSACTION_LISTENER_TOKENS: tokens,
    TRANSACTION_LISTENER_MAX_TOKENS: maxTokens,
    TRANSACTION_LISTENER_ACCOUNTS: addresses,
    WATCHED_ACCOUNTS_MAX: maxDemanded,
  } = config;
  // Whoever reads whole blocks has all programs in them, and in order.
  const byBlocks = tokens === "all";
  const programSource = (name: SourceName, addresses: readonly string[]): Source =>
    byBlocks
      ? createBlockSource({ ...context, name, addresses })
      : createLogsSource({ ...context, name, addresses, maxAddresses: addresses.length, coins: false });

  const all: Source[] = [];
  if (followProgram) all.push(programSource("program", [program]));
  const tokenPrograms = byBlocks ? [TOKEN_PROGRAM, TOKEN_2022_PROGRAM] : [];
  if (byBlocks) all.push(programSource("token", tokenPrograms));
  const programSources = [...all];
  const account = createAccountSource({ ...context, demand, graceMs, addresses, maxDemanded });
  all.push(account);
  const created =
    tokens === "created"
      ? createLogsSource({ ...context, name: "token", addresses: [], maxAddresses: maxTokens, coins: true })
      : null;
  if (created !== null) all.push(created);
  return {
    all,
    programs: new Set([...(followProgram ? [program] : []), ...tokenPrograms]),
    accounts: account.watched,
    demandRead: account.demandRead,
    followCoin: (mint, slot) => created?.follow(mint, slot),
    lanes: () => all.flatMap((source) => source.lanes()),
    blockLanes: () => (byBlocks ? programSources.flatMap((source) => source.lanes()) : []),
  };
}
