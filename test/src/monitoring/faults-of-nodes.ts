import { setTimeout as delay } from "node:timers/promises";
import type { FaultPatch } from "@commcoin/localnet";
import type { Fault } from "./fault.ts";
import { repeatedly } from "./repeatedly.ts";
import type { Stage } from "./stage.ts";

const RECONNECT_EVERY_MS = 1_500;
const UNANSWERED_MS = 8_000;
/** Further than the watermark may be behind. */
const SKIPPED_SLOTS = 1_200;
/** Further than finality may go on past what nobody can prove. */
const HOPELESS_SLOTS = 5_200;
const HOLE_SLOTS = 20;

/** What all nodes do for as long as it is wanted. */
const allNodes =
  (patch: FaultPatch): Fault["plant"] =>
  ({ localnet: { endpoints } }) => {
    for (const { faults } of endpoints) faults.set(patch);
    const names = Object.keys(patch);
    return Promise.resolve(() => {
      for (const { faults } of endpoints) faults.set(Object.fromEntries(names.map((name) => [name, null])));
    });
  };

export const nodeFaults: readonly Fault[] = [
  {
    name: "all nodes are silent, their sockets open",
    alerts: ["NodeStandsStill"],
    plant: allNodes({ halfOpen: { connections: "all" } }),
  },
  {
    name: "the streams of all nodes drop half of what they have to tell",
    alerts: ["StreamMisses"],
    plant: allNodes({ drop: { subscriptions: ["logs"], probability: 0.5 } }),
  },
  {
    name: "the nodes refuse a third of the requests (429)",
    alerts: ["NodeRefusesRequests"],
    plant: allNodes({ rateLimit: { probability: 0.33 } }),
  },
  {
    name: "a node closes its connections again and again",
    alerts: ["NodeReconnects"],
    plant: ({ localnet: { endpoints } }) =>
      Promise.resolve(
        repeatedly(async () => {
          endpoints[0]?.disconnect(1006);
          await delay(RECONNECT_EVERY_MS);
        }),
      ),
  },
  {
    name: "the nodes leave requests for transactions without an answer",
    alerts: ["ListenerBehind"],
    async plant(stage) {
      const end = await allNodes({ noAnswer: { methods: ["getTransaction"] } })(stage);
      await delay(UNANSWERED_MS);
      end();
      return () => {};
    },
  },
  {
    name: "the nodes do not have the transactions that they announce",
    alerts: ["TransactionsMissing"],
    plant: allNodes({ missingTransaction: {} }),
  },
  {
    name: "audits are refused while the chain goes on",
    alerts: ["ProofBehind"],
    async plant(stage) {
      const end = await allNodes({ unhealthy: { methods: ["getSignaturesForAddress"] } })(stage);
      stage.localnet.chain.skip(SKIPPED_SLOTS);
      return end;
    },
  },
  {
    name: "confirmed blocks that no node has any more",
    alerts: ["EndsUnknown"],
    async plant(stage: Stage) {
      const { ledger, chain } = stage.localnet;
      const to = ledger.slot("confirmed");
      const end = await allNodes({ missingBlocks: { from: to - HOLE_SLOTS, to } })(stage);
      chain.skip(HOPELESS_SLOTS);
      return end;
    },
  },
  {
    name: "a budget of one request a second",
    alerts: ["RequestsWait"],
    async plant({ listeners: [, listener] }) {
      await listener.restart({
        TRANSACTION_LISTENER_REQUESTS_PER_SECOND: "1",
        TRANSACTION_LISTENER_TOKENS: "created",
      });
      return () => listener.restart();
    },
  },
];
