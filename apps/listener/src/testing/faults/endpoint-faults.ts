import type { FaultCase } from "./fault-case.ts";

const BEHIND_SLOTS = 30;

/** What goes wrong with one of two nodes, or with both. */
export const endpointFaults: readonly FaultCase[] = [
  {
    name: "one node of two is down",
    nodes: 2,
    begin: ({ nodes: [node] }) => node.down(),
    struck: () => true,
    end: ({ nodes: [node] }) => node.up(),
    metric: { name: "reconnects_total" },
    readiness: "brief",
    status: "carried by the other",
    logs: "connection to the node lost",
  },
  {
    name: "both nodes are down",
    nodes: 2,
    begin: ({ nodes }) => Promise.all(nodes.map((node) => node.down())),
    // An audit has to meet it.
    struck: async ({ running }) => (await running.metric("rpc_requests_total", 'outcome="failed"')) > 0,
    end: ({ nodes }) => Promise.all(nodes.map((node) => node.up())),
    metric: { name: "rpc_requests_total", labels: 'outcome="failed"' },
    readiness: { check: "node", says: /There is no connection to ws:/ },
    status: "all gone",
    logs: "connection to the node lost",
  },
  {
    name: "one node of two is behind",
    nodes: 2,
    begin: ({ nodes: [node] }) => node.faults.set({ lag: { slots: BEHIND_SLOTS } }),
    struck: async ({ nodes: [behind, other], running }) =>
      (await running.metric("node_slot", behind.wsUrl)) + BEHIND_SLOTS / 2 <
      (await running.metric("node_slot", other?.wsUrl)),
    metric: { name: "stream_lag_seconds_count" },
    readiness: "ready",
    status: "one is behind",
  },
  {
    name: "the node for requests is behind that of the stream",
    nodes: 2,
    apart: true,
    begin: ({ nodes: [, requests] }) => requests?.faults.set({ lag: { slots: BEHIND_SLOTS } }),
    struck: async ({ running }) => (await running.metric("null_fetches_total")) > 0,
    metric: { name: "null_fetches_total" },
    readiness: "ready",
    status: "proven late",
  },
];
