import { z } from "zod";
import type { Chain } from "../chain.ts";
import type { CloseCode, Connections } from "./connection-faults.ts";
import { faultPatch } from "./settings.ts";
import type { Faults } from "./switches.ts";

/** Path on the RPC port of each endpoint. */
export const CONTROL_PATH = "/faults";

const MAX_SLOTS = 10_000;
const MAX_SIGNATURES = 1_000;

const closeCodes = [1000, 1001, 1005, 1006, 1008, 1011, 1012, 1013] as const satisfies readonly CloseCode[];

/** What is done, in this order; all of it can be left out. */
const command = z.strictObject({
  clear: z.literal(true).optional(),
  set: faultPatch.optional(),
  chain: z
    .strictObject({
      skip: z.int().min(1).max(MAX_SLOTS),
      rootJump: z.int().min(0).max(MAX_SLOTS),
      fork: z.strictObject({ depth: z.int().min(1), reland: z.enum(["none", "all"]).default("none") }),
      reland: z.array(z.string()).max(MAX_SIGNATURES),
    })
    .partial()
    .optional(),
  disconnect: z.literal(closeCodes).optional(),
});

export interface ControlRequest {
  readonly method: string;
  readonly remoteAddress: string;
  /** Browsers name the page that asks. */
  readonly origin: string | undefined;
  readonly body: string;
}

export interface ControlAnswer {
  readonly status: number;
  readonly text: string;
}

interface Controlled {
  readonly faults: Faults;
  readonly connections: Pick<Connections, "count" | "disconnect">;
  readonly chain: Chain;
}

const isLoopback = (address: string): boolean => /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(address);

const answer = (status: number, value: unknown): ControlAnswer => ({
  status,
  text: JSON.stringify(value),
});

const stateOf = ({ faults, connections }: Controlled) => ({
  ...faults.state(),
  connections: connections.count(),
});

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

const perform = (
  controlled: Controlled,
  { clear, set, chain: wanted, disconnect }: z.output<typeof command>,
) => {
  const { faults, connections, chain } = controlled;
  if (clear) faults.clear();
  if (set) faults.set(set);
  if (wanted?.skip !== undefined) chain.skip(wanted.skip);
  if (wanted?.rootJump !== undefined) chain.rootJump(wanted.rootJump);
  const fork = wanted?.fork && chain.fork(wanted.fork);
  const relanded = wanted?.reland?.filter(chain.reland);
  const disconnected = disconnect && connections.disconnect(disconnect);
  return {
    ...stateOf(controlled),
    ...(fork && { fork }),
    ...(relanded && { relanded }),
    ...(disconnected !== undefined && { disconnected }),
  };
};

/**
 * Answers requests that show (GET) or switch (POST) the faults of an endpoint and of the chain; only for programs on
 * the same machine, since a web page or a neighbour has no business here.
 */
export const createControl =
  (controlled: Controlled) =>
  ({ method, remoteAddress, origin, body }: ControlRequest): ControlAnswer => {
    if (!isLoopback(remoteAddress) || origin !== undefined) {
      return answer(403, { error: "Faults are switched from programs on this machine only" });
    }
    if (method === "GET") return answer(200, stateOf(controlled));
    if (method !== "POST") return answer(405, { error: "Use GET to see the faults, POST to switch them" });
    const parsed = command.safeParse(parseJson(body));
    if (!parsed.success) return answer(400, { error: z.prettifyError(parsed.error) });
    try {
      return answer(200, perform(controlled, parsed.data));
    } catch (error) {
      if (error instanceof RangeError) return answer(409, { error: error.message });
      throw error;
    }
  };
