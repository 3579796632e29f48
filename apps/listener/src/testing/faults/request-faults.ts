import type { FaultPatch } from "@commcoin/localnet";
import type { FaultCase } from "./fault-case.ts";

/** `/readyz` tells after some seconds that nothing comes; a machine that stops for two does not end connections. */
const SOON = { TRANSACTION_LISTENER_SLOT_TIMEOUT: "4" };
/** The same, sooner than the listener gives a transaction up. */
const SOONER = { TRANSACTION_LISTENER_SLOT_TIMEOUT: "2" };
const STALE = { check: "transactions", says: /No node has given an announced transaction for \d+ seconds/ };
/** What an audit has to find. */
const DROP = { subscriptions: ["logs" as const], next: 12 };
const PROGRAM_ONLY = { TRANSACTION_LISTENER_TOKENS: "off" };

const switched =
  (patch: FaultPatch): FaultCase["begin"] =>
  ({ nodes: [node] }) =>
    node.faults.set(patch);

const requests = (outcome: string, by = 1) => ({
  name: "rpc_requests_total",
  labels: `outcome="${outcome}"`,
  by,
});

/** How a node fails to answer. */
export const requestFaults: readonly FaultCase[] = [
  {
    name: "HTTP 429 with Retry-After",
    env: SOON,
    begin: switched({ rateLimit: { retryAfterSeconds: 1 } }),
    metric: requests("rate_limited"),
    readiness: STALE,
    status: "not proven",
  },
  {
    name: "HTTP 429 without Retry-After",
    env: SOON,
    begin: switched({ rateLimit: { body: "text" } }),
    metric: requests("rate_limited"),
    readiness: STALE,
    status: "not proven",
  },
  {
    name: "-32005: the node is behind",
    env: SOON,
    begin: switched({ unhealthy: { slotsBehind: 150 } }),
    metric: requests("unhealthy"),
    readiness: STALE,
    status: "not proven",
  },
  {
    name: "-32016: minContextSlot not reached",
    env: PROGRAM_ONLY,
    begin: switched({ minContextSlot: { methods: ["getSignaturesForAddress"], next: 5 }, drop: DROP }),
    struck: ({ nodes: [node] }) => (node.faults.state().fired.minContextSlot ?? 0) >= 2,
    metric: requests("behind", 2),
    readiness: "ready",
    status: "missed",
  },
  {
    name: "-32020: the cursor is not known",
    env: PROGRAM_ONLY,
    begin: switched({ unknownCursor: {}, drop: DROP }),
    struck: ({ nodes: [node] }) => (node.faults.state().fired.unknownCursor ?? 0) >= 2,
    metric: requests("unknown_cursor", 2),
    readiness: "ready",
    status: "not proven",
  },
  ...([-32_004, -32_014] as const).map((code): FaultCase => ({
    name: `${code}: the block is not available`,
    begin: switched({ noTransactionIndex: {}, blockNotAvailable: { code, next: 4 } }),
    struck: ({ nodes: [node] }) => (node.faults.state().fired.blockNotAvailable ?? 0) >= 4,
    metric: requests("block_unavailable", 4),
    readiness: "ready",
    status: "live",
  })),
  {
    name: "requests without an answer",
    env: { ...SOON, TRANSACTION_LISTENER_REQUEST_TIMEOUT: "3" },
    begin: switched({ noAnswer: {} }),
    metric: requests("timeout"),
    readiness: STALE,
    status: "not proven",
  },
  {
    name: "getTransaction is null for a while",
    begin: switched({ missingTransaction: { attempts: 3 } }),
    metric: { name: "null_fetches_total", by: 3 },
    readiness: "ready",
    status: "live",
  },
  {
    name: "getTransaction is null for long",
    env: SOONER,
    begin: switched({ missingTransaction: { next: 3 } }),
    struck: async ({ running }) => (await running.metric("unavailable_transactions_total")) > 0,
    metric: { name: "unavailable_transactions_total" },
    readiness: STALE,
    status: "not proven",
    logs: "an announced transaction cannot be had yet; an audit may find it",
  },
  {
    name: "no transactionIndex",
    begin: switched({ noTransactionIndex: {} }),
    struck: () => true,
    metric: { name: "rpc_requests_total", labels: 'method="getBlock",outcome="ok"' },
    readiness: "ready",
    status: "live",
  },
];
