import {
  commonVariables,
  integer,
  list,
  oneOf,
  port,
  requireBroker,
  text,
  urls,
  watchedAccountsVariables,
  boolean,
} from "@commcoin/service/config";
import { isAddress } from "@solana/kit";
import { z } from "zod";
import { MAX_ACCOUNTS, MAX_TOKENS } from "./model/limits.ts";
import { pubSubUrls } from "./rpc/pubsub-urls.ts";

/** The program that the product is about. */
const COMMCOIN_PROGRAM = "6YuHH4kveCrEeEtVKM2nh18zU4XWFpEWqV8f5GbhdnzX";

/** More nodes than these are no redundancy but a mistake. */
const MAX_ENDPOINTS = 8;
const address = z.string().refine(isAddress, "must be an account address in base58");

/**
 * What was published since the last audit but one is published again by whoever takes over, and the broker knows its ids
 * for ten minutes.
 */
const MAX_AUDIT_INTERVAL_SECONDS = 60;

/** Which token transactions are followed. */
const TOKEN_MODES = ["created", "all", "off"] as const;

/** Every variable that the listener reads. */
export const listenerVariables = z.object({
  ...commonVariables,
  TRANSACTION_LISTENER_ENABLED: boolean(true, {
    description: "Whether this server listens to the chain; false leaves that to others",
  }),
  SOLANA_RPC_URL: urls(["http", "https"], "localhost:8899", {
    max: MAX_ENDPOINTS,
    description: "JSON-RPC address of a Solana node; several, comma-separated, stand in for each other",
  }),
  SOLANA_WS_URL: urls(["ws", "wss"], "localhost:8900", {
    max: MAX_ENDPOINTS,
    description:
      "PubSub address of the same nodes, in the same order; with SOLANA_RPC_URL alone the same hosts by ws or wss, 8900 for 8899",
    implied: { by: "SOLANA_RPC_URL", from: pubSubUrls },
  }),
  COMMCOIN_PROGRAM_ID: text(COMMCOIN_PROGRAM, address, { description: "Address of the CommCoin program" }),
  LISTENER_PORT: port(8082, { description: "Port of the listener's health checks and metrics" }),
  TRANSACTION_LISTENER_PROGRAM: boolean(true, {
    description: "Whether transactions of the CommCoin program are followed",
  }),
  TRANSACTION_LISTENER_TOKENS: oneOf(TOKEN_MODES, "created", {
    description:
      "Token transactions to follow: created (of coins that CommCoin created), all (of SPL Token and Token-2022, by reading every block, about one request per slot), off",
  }),
  TRANSACTION_LISTENER_MAX_TOKENS: integer(500, {
    min: 1,
    max: MAX_TOKENS,
    description: "With created: so many coins at most, the newest; each is one subscription",
  }),
  TRANSACTION_LISTENER_ACCOUNTS: list(address, {
    max: MAX_ACCOUNTS,
    description: "Addresses whose transactions are followed and published to account:<address>",
  }),
  ...watchedAccountsVariables,
  TRANSACTION_LISTENER_CONCURRENCY: integer(32, {
    min: 1,
    max: 1_000,
    description: "Requests to the node at a time",
  }),
  TRANSACTION_LISTENER_REQUESTS_PER_SECOND: integer(0, {
    min: 0,
    max: 100_000,
    description:
      "Requests to each node in a second at most; what is over waits, the urgent goes first; 0 for no limit",
  }),
  TRANSACTION_LISTENER_AUDIT_INTERVAL: integer(3, {
    min: 0,
    max: MAX_AUDIT_INTERVAL_SECONDS,
    description:
      "Seconds between two checks for transactions that no stream reported, 60 at most; 0 turns them off",
  }),
  TRANSACTION_LISTENER_FINALITY_INTERVAL: integer(1, {
    min: 0,
    max: 300,
    description: "Seconds between two questions which blocks are final; 0 leaves transactions at confirmed",
  }),
  TRANSACTION_LISTENER_LEASE_SECONDS: integer(3, {
    min: 1,
    max: 60,
    description: "Seconds after which another listener takes over from one that is gone",
  }),
  TRANSACTION_LISTENER_REQUEST_TIMEOUT: integer(10, {
    min: 1,
    max: 300,
    description: "Seconds that a request to the node may take",
  }),
  TRANSACTION_LISTENER_SLOT_TIMEOUT: integer(10, {
    min: 1,
    max: 600,
    description: "Seconds without a new slot after which the connection to the node is given up",
  }),
});

export type ListenerConfig = z.infer<typeof listenerVariables>;

/** The variables, and what must hold between them. Standalone leaves out that Redis is needed. */
export const listenerConfig = listenerVariables.superRefine(requirePairs).superRefine(requireBroker);

/** Each node needs both of its addresses. */
export function requirePairs(
  { SOLANA_RPC_URL, SOLANA_WS_URL }: Pick<ListenerConfig, "SOLANA_RPC_URL" | "SOLANA_WS_URL">,
  context: z.RefinementCtx,
): void {
  if (SOLANA_RPC_URL.length === SOLANA_WS_URL.length) return;
  context.addIssue({
    code: "custom",
    path: ["SOLANA_WS_URL"],
    message:
      `must hold as many addresses as SOLANA_RPC_URL: they pair up in order, ` +
      `but there are ${SOLANA_WS_URL.length} and ${SOLANA_RPC_URL.length}`,
  });
}
