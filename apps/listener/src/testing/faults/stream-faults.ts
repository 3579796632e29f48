import type { CloseCode } from "@commcoin/localnet";
import type { FaultCase, Scene } from "./fault-case.ts";

const LOGS = { subscriptions: ["logs" as const] };
/** One subscription sees everything that matters: what it does not get, nobody reports. */
const PROGRAM_ONLY = { TRANSACTION_LISTENER_TOKENS: "off" };
/** What a reconnect missed, its catch-up has to bring. */
const NO_AUDIT = { TRANSACTION_LISTENER_AUDIT_INTERVAL: "0" };
const DROPPED = 12;
/** Two audits and more have to find what is missing. */
const SILENT_MS = 1_500;

const firedAtLeast =
  (name: keyof ReturnType<Scene["nodes"][0]["faults"]["state"]>["fired"], count: number) =>
  ({ nodes: [node] }: Scene): boolean =>
    (node.faults.state().fired[name] ?? 0) >= count;

const closed = (code: CloseCode): FaultCase => ({
  name: `socket closed with ${code}`,
  env: NO_AUDIT,
  begin: ({ nodes: [node] }) => node.disconnect(code),
  struck: () => true,
  metric: { name: "reconnects_total", labels: 'reason="closed"' },
  readiness: "brief",
  status: "reconnected",
  logs: "connection to the node lost: The connection was closed",
});

/** What goes wrong on a subscription's socket. */
export const streamFaults: readonly FaultCase[] = [
  {
    name: "half of the notifications dropped",
    env: PROGRAM_ONLY,
    begin: ({ nodes: [node] }) => node.faults.set({ drop: { ...LOGS, probability: 0.5 } }),
    struck: firedAtLeast("drop", DROPPED),
    metric: { name: "missed_total", labels: 'endpoint="ws://', by: DROPPED },
    readiness: "ready",
    status: "missed",
  },
  {
    name: "the next notifications dropped",
    env: PROGRAM_ONLY,
    begin: ({ nodes: [node] }) => node.faults.set({ drop: { ...LOGS, next: DROPPED } }),
    struck: firedAtLeast("drop", DROPPED),
    metric: { name: "missed_total", labels: 'endpoint="ws://', by: DROPPED },
    readiness: "ready",
    status: "missed",
  },
  {
    name: "notifications duplicated",
    env: PROGRAM_ONLY,
    begin: ({ nodes: [node] }) => node.faults.set({ duplicate: LOGS }),
    struck: firedAtLeast("duplicate", DROPPED),
    metric: { name: "duplicates_total", by: DROPPED },
    readiness: "ready",
    status: "duplicates",
  },
  {
    name: "notifications reordered",
    env: PROGRAM_ONLY,
    begin: ({ nodes: [node] }) => node.faults.set({ reorder: { ...LOGS, probability: 0.3, distance: 9 } }),
    struck: firedAtLeast("reorder", 3),
    metric: { name: "late_total" },
    readiness: "ready",
    status: "live",
  },
  {
    name: "notifications in one segment with the acknowledgement",
    env: { ...PROGRAM_ONLY, ...NO_AUDIT },
    begin({ nodes: [node] }) {
      node.faults.set({ packAcknowledgement: { ...LOGS, notifications: 3 } });
      node.disconnect(1006);
    },
    metric: { name: "reconnects_total", labels: 'reason="closed"' },
    readiness: "brief",
    status: "reconnected",
  },
  {
    name: "acknowledgement withheld",
    env: PROGRAM_ONLY,
    begin({ nodes: [node] }) {
      node.faults.set({ withholdAcknowledgement: LOGS });
      node.disconnect(1006);
    },
    struck: async ({ running }) => (await running.metric("reconnects_total", "no_acknowledgement")) > 0,
    metric: { name: "reconnects_total", labels: 'reason="no_acknowledgement"' },
    readiness: { check: "subscriptions", says: /Nothing is subscribed yet for: program/ },
    status: "reconnected",
  },
  {
    name: "everything dropped on a lively socket",
    env: PROGRAM_ONLY,
    silentMs: SILENT_MS,
    begin: ({ nodes: [node] }) => node.faults.set({ drop: LOGS }),
    struck: async ({ running }) => (await running.metric("reconnects_total", "silent")) > 0,
    metric: { name: "reconnects_total", labels: 'reason="silent"' },
    readiness: "brief",
    status: "silent",
    logs: "is silent",
  },
  closed(1000),
  closed(1001),
  closed(1006),
  {
    name: "connections refused",
    env: NO_AUDIT,
    begin({ nodes: [node] }) {
      node.faults.set({ refuseConnection: { status: 503 } });
      node.disconnect(1006);
    },
    metric: { name: "reconnects_total", labels: 'reason="refused"' },
    readiness: { check: "node", says: /There is no connection to ws:/ },
    status: "reconnected",
    logs: "The node refused the WebSocket with HTTP 503",
  },
  {
    name: "half-open: the socket is silent",
    env: { TRANSACTION_LISTENER_SLOT_TIMEOUT: "2" },
    begin: ({ nodes: [node] }) => node.faults.set({ halfOpen: { connections: "open" } }),
    struck: async ({ running }) => (await running.metric("reconnects_total", "no_slots")) > 0,
    metric: { name: "reconnects_total", labels: 'reason="no_slots"' },
    readiness: "brief",
    status: "stale",
    logs: "The node announced no slot for",
  },
  {
    name: "half-open: new sockets as well",
    env: { TRANSACTION_LISTENER_SLOT_TIMEOUT: "2" },
    begin: ({ nodes: [node] }) => node.faults.set({ halfOpen: { connections: "all" } }),
    struck: () => true,
    metric: { name: "reconnects_total", labels: 'reason="no_slots"' },
    readiness: { check: "node", says: /There is no connection to ws:/ },
    status: "stale",
  },
  {
    name: "the subscription of slots refused",
    begin({ nodes: [node] }) {
      node.faults.set({ refuseSubscription: { subscriptions: ["slot"] } });
      node.disconnect(1006);
    },
    metric: { name: "reconnects_total", labels: 'reason="no_slots"' },
    readiness: { check: "node", says: /has not announced a slot yet|There is no connection to ws:/ },
    status: "reconnected",
    logs: "The slot subscription failed",
  },
  {
    name: "subscriptions refused",
    begin({ nodes: [node] }) {
      node.faults.set({ refuseSubscription: LOGS });
      node.disconnect(1006);
    },
    metric: { name: "subscription_failures_total" },
    readiness: { check: "subscriptions", says: /Nothing is subscribed yet for: program/ },
    status: "reconnected",
    logs: "subscription failed",
  },
];
