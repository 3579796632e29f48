import { eventually } from "@commcoin/tsconfig/eventually";
import type { RpcTransport } from "@solana/kit";
import { describe, expect, it, vi } from "vitest";
import type { Lane } from "../model/lane.ts";
import { createWatermarks } from "../progress/watermarks.ts";
import { createNodeRpc } from "../rpc/node-rpc.ts";
import { createAudit, type AuditOptions } from "./audit.ts";
import { createReadingPauses, type ReadingPauses } from "./reading-pauses.ts";

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

interface BeforeRound {
  readonly beforeRound?: (pauses: ReadingPauses) => void;
}

/** Audits until the condition holds. `beforeRound` gets its pauses. */
async function run(
  { beforeRound = () => {}, ...options }: Pick<AuditOptions, "lanes"> & Partial<AuditOptions> & BeforeRound,
  condition: () => void,
) {
  const watermarks = createWatermarks();
  const offered: string[] = [];
  const pauses = createReadingPauses();
  const audit = createAudit({
    rpc: createNodeRpc(transport),
    intervalMs: 1,
    watermarks,
    isProvenElsewhere: () => false,
    seen: { has: (signature) => offered.includes(signature), floor: -1 },
    offer: ({ signature }) => offered.push(signature),
    untilCapacity() {
      beforeRound(pauses);
      return Promise.resolve();
    },
    known: () => {},
    missed: () => {},
    pauses,
    onFollowed: () => {},
    onAudited: () => {},
    throttledLog: { warn: () => {} },
    largeGap: 1_000,
    onGap: () => {},
    ...options,
  });
  const stopped = new AbortController();
  const running = audit.run(stopped.signal);
  await eventually(condition);
  stopped.abort();
  await running;
  watermarks.settle(null);
  return { watermarks, offered };
}

describe("audit", () => {
  it("vouches for what was announced before, and offers what was not", async () => {
    const known = vi.fn();
    const offered: string[] = [];
    await run(
      {
        lanes: () => [lane("a")],
        seen: { has: () => true, floor: -1 },
        offer: ({ signature }) => offered.push(signature),
        known,
      },
      () => expect(known).toHaveBeenCalledWith("s"),
    );
    expect(offered).toEqual([]);
  });

  it("goes on with all others where an address cannot be listed, and tries that one again", async () => {
    const warn = vi.fn();
    const addresses = ["broken", "a", "b", "c", "d", "e"];
    const { watermarks, offered } = await run(
      { lanes: () => addresses.map(lane), throttledLog: { warn } },
      () => expect(warn.mock.calls.length).toBeGreaterThan(1),
    );
    expect(addresses.map((address) => watermarks.of(address))).toEqual([79, 100, 100, 100, 100, 100]);
    expect(offered).toEqual(["s"]);
  });

  it("counts what no stream reported", async () => {
    const missed = vi.fn();
    await run({ lanes: () => [lane("a")], missed }, () => expect(missed).toHaveBeenCalled());
    expect(missed.mock.calls).toEqual([[{ signature: "s", address: "a", source: "account" }]]);
  });

  it("brings everything also while the streams are held up in every round, and calls nothing missed", async () => {
    const missed = vi.fn();
    const audited = vi.fn();
    const { watermarks, offered } = await run(
      { lanes: () => [lane("a")], missed, onAudited: audited, beforeRound: (pauses) => pauses.paused() },
      () => expect(audited.mock.calls.length).toBeGreaterThan(2),
    );
    expect([watermarks.of("a"), offered, missed.mock.calls]).toEqual([100, ["s"], []]);
  });
});
