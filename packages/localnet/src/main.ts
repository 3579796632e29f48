import { run, StartError } from "@commcoin/service/lifecycle";
import { createLogger, type Logger, silentLogger } from "@commcoin/service/telemetry";
import { existsSync } from "node:fs";
import { type CliOptions, readCliOptions, USAGE } from "./cli-options.ts";
import { createLocalnet, type Localnet } from "./localnet.ts";

const log = (options: CliOptions): Logger =>
  options.quiet ? silentLogger : createLogger({ name: "localnet", level: "info" });

const open = async (options: CliOptions): Promise<Localnet> => {
  const missing = options.replay.find((path) => !existsSync(path));
  if (missing !== undefined) throw new StartError(`--replay: there is no ${missing}`);
  const { httpPort, wsPort, endpoints, host, slotMs, finalitySlots, genesis, faultSeed, programId } = options;
  const localnet = await createLocalnet({
    httpPort,
    wsPort,
    endpoints,
    host,
    slotMs,
    finalitySlots,
    ...(genesis === undefined ? {} : { genesis }),
    ...(faultSeed === undefined ? {} : { faultSeed }),
    ...(programId === undefined ? {} : { commCoinProgramId: programId }),
    ...(options.market
      ? {
          market: {
            transactionsPerSecond: options.marketRate,
            onRefused: (error) => log(options).warn({ error: String(error) }, "the market was refused"),
          },
        }
      : {}),
  });
  const playing = options.market ? `, market at ${options.marketRate} transactions/s` : "";
  const others = localnet.endpoints
    .slice(1)
    .map(({ httpUrl, wsUrl }) => `; RPC ${httpUrl}, subscriptions ${wsUrl}`)
    .join("");
  process.stdout.write(
    `Localnet ready: RPC ${localnet.httpUrl}, subscriptions ${localnet.wsUrl}${others}${playing}\n`,
  );
  return localnet;
};

const playRecordings = async (localnet: Localnet, options: CliOptions): Promise<void> => {
  if (options.replay.length === 0) return;
  const { submitted, refused } = await localnet.replay(options.replay, { perSecond: options.replayRate });
  for (const { file, reason } of refused) log(options).warn({ file, reason }, "recording left out");
  log(options).info({ submitted, refused: refused.length }, "replay is over");
};

await run(() => {
  const options = readCliOptions(process.argv.slice(2));
  let localnet: Localnet | null = null;
  return {
    start: async () => {
      if (options.help) {
        process.stdout.write(USAGE);
        return;
      }
      localnet = await open(options);
      await playRecordings(localnet, options);
    },
    stop: async () => {
      await localnet?.stop();
    },
  };
});
