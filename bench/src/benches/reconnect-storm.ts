import { readRedisInfo } from "../harness/redis-info.ts";
import type { Bench } from "../harness/report.ts";
import { withScope } from "../harness/scope.ts";
import { profiled, startClients, startGateway, startPublisher, startRedis } from "../harness/stage.ts";

const TOPIC = "token_updates";
const CLIENTS = 10_000;
const MISSED = 100;
const BUDGET_SECONDS = 5;
const BUDGET_READS = 2;

/** Everybody was away, missed the same messages, and comes back in the same moment. */
export const reconnectStorm: Bench = (options) =>
  withScope(async (scope) => {
    const count = options.connections ?? (options.quick ? 20 : CLIENTS);
    const redis = await startRedis(scope);
    const info = readRedisInfo(scope, redis.url);
    const gateway = await startGateway(scope, redis, profiled(options, "reconnect-storm-gateway"));
    const publisher = await startPublisher(scope, redis);
    const clients = await startClients(scope);

    await publisher.call("publish", { topic: TOPIC, bursts: 1, framesPerBurst: 10, intervalMs: 0 });
    const { epoch, offset } = await publisher.call("position", TOPIC);
    // Nobody is in the topic while these are published, so the gateway has none of them in memory.
    await publisher.call("publish", { topic: TOPIC, bursts: 1, framesPerBurst: MISSED, intervalMs: 0 });

    // Reading history asks for the stream's length once, and nothing else does while nobody publishes.
    const readsBefore = await info.calls("xlen");
    const { cpuMicros } = await gateway.worker.usage();
    const { cpuMicros: clientMicros } = await clients.usage();
    const { elapsedMs, group } = await clients.call("open", {
      port: gateway.port,
      paths: [`/ws?subscriptions=${TOPIC}&since=${TOPIC}@${epoch}:${offset}`],
      count,
      atATime: count,
      messagesEach: 1 + MISSED,
      sampleEvery: count,
      timeoutMs: 60_000,
    });
    const after = await gateway.worker.usage();
    const clientsAfter = await clients.usage();
    const reads = (await info.calls("xlen")) - readsBefore;
    const connected = await clients.call("firstPayload", group);
    if (!connected.includes('"recovered":true'))
      throw new Error(`The client was not recovered: ${connected}`);
    const seconds = elapsedMs / 1_000;
    return {
      verdicts: [
        {
          what: `${count.toLocaleString("en-US")} clients reconnect at once and miss ${MISSED} messages each: all recovered`,
          budget: `< ${BUDGET_SECONDS} s`,
          measured: `${seconds.toFixed(2)} s`,
          kept: seconds < BUDGET_SECONDS,
        },
        {
          what: "reads of the topic's history meanwhile",
          budget: `≤ ${BUDGET_READS}`,
          measured: String(reads),
          kept: reads <= BUDGET_READS,
          exact: true,
        },
      ],
      tables: [
        {
          title: "One gateway, one topic",
          columns: [
            "clients",
            "messages replayed",
            "seconds",
            "CPU-seconds of the gateway",
            "CPU-seconds of the clients",
            "history reads",
          ],
          rows: [
            [
              count,
              count * MISSED,
              seconds,
              (after.cpuMicros - cpuMicros) / 1e6,
              (clientsAfter.cpuMicros - clientMicros) / 1e6,
              reads,
            ],
          ],
        },
      ],
      notes: [
        "From the first connection attempt, all of which begin in one turn of the client process, to the last message of the last client.",
        "Each of the two processes has one busy thread: with a core for each, the seconds come near the CPU-seconds of the gateway.",
      ],
    };
  });
