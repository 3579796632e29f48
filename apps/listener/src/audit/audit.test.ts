import { eventually } from "@commcoin/tsconfig/eventually";
import type { RpcTransport } from "@solana/kit";
import { describe, expect, it, vi } from "vitest";
import { createNodeRpc } from "../rpc/node-rpc.ts";
import type { Lane } from "../sources/source.ts";
import { createAudit } from "./audit.ts";
import { createWatermarks } from "./watermarks.ts";

const ANSWERS = { getSlot: 100, getSignaturesForAddress: [{ signature: "s", slot: 90, err: null }] };

/** A node that does not list one address. */
const transport: RpcTransport = <Response>({ payload }: { payload: unknown }) => {
  const { method, params } = payload as {
    method: keyof typeof ANSWERS;
    params: readonly [string, { before?: string }?];
  };
  if (params[0] === "broken") return Promise.reject(new Error("The node does not answer."));
  const result = params[1]?.before === undefined ? ANSWERS[method] : [];
  return Promise.resolve({ jsonrpc: "2.0", id: "1", result } as Response);
};

const lane = (address: string): Lane => ({ source: "account", address, fromSlot: 80, coin: false });

describe("audit", () => {
  it("goes on with all others where an address cannot be listed, and tries that one again", async () => {
    const warn = vi.fn();
    const watermarks = createWatermarks();
    const offered: string[] = [];
    const audit = createAudit({
      rpc: createNodeRpc(transport),
      intervalMs: 1,
      lanes: () => ["broken", "a", "b", "c", "d", "e"].map(lane),
      watermarks,
      isProvenElsewhere: () => false,
      seen: { has: (signature) => offered.includes(signature), floor: -1 },
      offer: ({ signature }) => offered.push(signature),
      room: () => Promise.resolve(),
      missed: () => {},
      onFollowed: () => {},
      onAudited: () => {},
      calmLog: { warn },
      largeGap: 1_000,
      onGap: () => {},
    });
    const stopped = new AbortController();
    const running = audit.run(stopped.signal);
    await eventually(() => expect(warn.mock.calls.length).toBeGreaterThan(1));
    stopped.abort();
    await running;
    watermarks.settle(null);
    expect(["broken", "a", "b", "c", "d", "e"].map((address) => watermarks.of(address))).toEqual([
      79, 100, 100, 100, 100, 100,
    ]);
    expect(offered).toEqual(["s"]);
  });
});
