import { join } from "node:path";
import { inTurns } from "../harness/in-turns.ts";
import type { Bench, Cell, Verdict } from "../harness/report.ts";
import { withScope, type Scope } from "../harness/scope.ts";
import { profiled, startRedis } from "../harness/stage.ts";
import { median } from "../harness/statistics.ts";
import { testDataFolder } from "../harness/test-data.ts";
import { startWorker } from "../harness/worker.ts";
import type { BlockPathCommands, PathResult } from "../workers/block-path.ts";

const BLOCK = "blocks/mainnet-254170887.base64.json.gz";
const BUDGET = 10_000;
const ROUNDS = 15;
/** A listener runs for days: its code is compiled, and its tables of addresses are full. */
const WARM_UP_ROUNDS = 25;

const perCpuSecond = ({ transactions, cpuMicros }: PathResult): number => (transactions / cpuMicros) * 1e6;
const withVotes = ({ transactions, votes, cpuMicros }: PathResult): number =>
  ((transactions + votes) / cpuMicros) * 1e6;

/** A recorded block from JSON text to the broker: parse, decode, events, publish. */
export const fullPath: Bench = (options) =>
  withScope(async (scope: Scope) => {
    const folder = testDataFolder(options);
    if (folder === null) {
      return {
        verdicts: [],
        tables: [],
        notes: ["Not measured: there are no recorded blocks here (COMMCOIN_TEST_DATA)."],
      };
    }
    const redis = await startRedis(scope);
    const start = async (name: string, redisUrl: string | null) => {
      const worker = await startWorker<BlockPathCommands>(
        "block-path",
        profiled(options, `full-path-${name}`),
      );
      scope.add(() => worker.stop());
      await worker.call("start", join(folder, BLOCK), redisUrl);
      return () => worker.call("run");
    };
    const contenders = { memory: await start("memory", null), redis: await start("redis", redis.url) };
    await inTurns(contenders, options.quick ? 0 : WARM_UP_ROUNDS);
    const results = await inTurns(contenders, options.quick ? 1 : ROUNDS);

    const verdicts: Verdict[] = [];
    const rows: Cell[][] = [];
    for (const [name, rounds] of Object.entries(results)) {
      const rate = median(rounds.map(perCpuSecond));
      const all = median(rounds.map(withVotes));
      const { transactions = 0, votes = 0, messages = 0 } = rounds[0] ?? {};
      rows.push([name, transactions, votes, messages, rate, all, 1e6 / rate]);
      verdicts.push({
        what: `whole path from a recorded block to the ${name} broker, per core`,
        budget: `≥ ${BUDGET.toLocaleString("en-US")} transactions/s`,
        measured: `${Math.round(rate).toLocaleString("en-US")} (${Math.round(all).toLocaleString("en-US")} counting votes)`,
        kept: rate >= BUDGET,
      });
    }
    return {
      verdicts,
      tables: [
        {
          title: "Mainnet block 254170887, 3.5 MB of JSON, per CPU-second of the process (medians)",
          columns: [
            "broker",
            "transactions",
            "votes",
            "messages",
            "transactions/s",
            "with votes",
            "µs per transaction",
          ],
          rows,
        },
      ],
      notes: [
        "Counted are the transactions that are no votes. Every one of them is decoded in full and published to `transactions` and to the topics of its programs and mints, as if all were followed; a listener that follows CommCoin publishes far fewer.",
        "The judged figure pays for parsing the whole block and for decoding the votes, but does not count them. CPU is that of all threads of the process, garbage collection included; that of the Redis server is not in it.",
      ],
    };
  });
