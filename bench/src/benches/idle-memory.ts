import type { Bench, Cell } from "../harness/report.ts";
import { withScope } from "../harness/scope.ts";
import { startBareUws, startClients, startGateway, startRedis } from "../harness/stage.ts";
import type { ClientCommands } from "../workers/clients.ts";
import type { Worker } from "@commcoin/harness";

const TOPICS = ["token_updates", "transactions", "market_data"] as const;
/** What one gateway is promised to hold. */
const CONNECTIONS = 15_000;
const QUICK_CONNECTIONS = 50;
/** What a process allocates once is not the price of a connection: these come before the first look. */
const WARM_UP = 500;
const BUDGET_BYTES = 3_072;

interface Growth {
  /** Of the resident memory, per connection. */
  readonly natural: number;
  readonly collected: number;
}

interface Memory {
  usage(): Promise<{ readonly rssBytes: number }>;
  collectGarbage(): Promise<void>;
}

async function measure(
  clients: Worker<ClientCommands>,
  { worker, port }: { readonly worker: Memory; readonly port: number },
  connections: number,
): Promise<Growth> {
  const open = (count: number) =>
    clients.call("open", {
      port,
      paths: [`/ws?subscriptions=${TOPICS.join()}`],
      count,
      atATime: 100,
      messagesEach: 1,
      timeoutMs: 60_000,
    });
  await open(Math.min(WARM_UP, connections));
  await worker.collectGarbage();
  const before = (await worker.usage()).rssBytes;
  await open(connections);
  const natural = (await worker.usage()).rssBytes;
  await worker.collectGarbage();
  const collected = (await worker.usage()).rssBytes;
  return { natural: (natural - before) / connections, collected: (collected - before) / connections };
}

/** Resident memory per connection with three subscriptions that nothing is published to. */
export const idleMemory: Bench = ({ quick, connections }) =>
  withScope(async (scope) => {
    const count = connections ?? (quick ? QUICK_CONNECTIONS : CONNECTIONS);
    const redis = await startRedis(scope);
    const gateway = await startGateway(scope, redis);
    const bare = await startBareUws(scope, TOPICS);
    // A process each: all sockets of both are more than one may have open in many places.
    const theirs = await measure(await startClients(scope), bare, count);
    const ours = await measure(await startClients(scope), gateway, count);
    const over = ours.natural - theirs.natural;
    const row = (name: string, { natural, collected }: Growth): Cell[] => [
      name,
      Math.round(natural),
      Math.round(collected),
    ];
    return {
      verdicts: [
        {
          what: `memory of an idle connection with three subscriptions, over bare uWebSockets.js (${count.toLocaleString("en-US")} connections)`,
          budget: `≤ ${BUDGET_BYTES} bytes`,
          measured: `${Math.round(over)} bytes`,
          kept: over <= BUDGET_BYTES,
        },
      ],
      tables: [
        {
          title: "Resident bytes per connection",
          columns: ["server", "as it is", "after a full garbage collection"],
          rows: [row("bare uWebSockets.js", theirs), row("gateway", ours)],
        },
      ],
      notes: ["The kernel's memory for sockets is not in these figures; it is the same for both."],
    };
  });
