import { describe, expect, it } from "vitest";
import { openLocalnet } from "../testing/localnet.ts";
import { call, openSocket } from "../testing/raw-rpc.ts";
import { createTransfer } from "../testing/transfers.ts";
import { fromBase58 } from "../wire/base58.ts";
import type { FaultSettings } from "./settings.ts";

const SIGNATURE_BYTES = 64;

interface Frame {
  readonly params: {
    readonly result: { readonly slot: number; readonly value: { readonly signature: string } };
    readonly subscription: number;
  };
}

/** What subscriptions of this kind are flooded with: so many frames. */
const flooded = async (flood: FaultSettings["flood"], kinds: readonly string[], count: number) => {
  const { localnet, payer, advance } = await openLocalnet({ endpoints: 2 });
  const real = await createTransfer(localnet, payer)(1n);
  advance(3);
  const [endpoint] = localnet.endpoints;
  if (!endpoint) throw new Error("No endpoint");
  const socket = await openSocket(endpoint.wsUrl);
  for (const [id, kind] of kinds.entries()) {
    const params = kind === "logs" ? [{ mentions: [payer.address] }, { commitment: "confirmed" }] : [];
    socket.send({ id, method: `${kind}Subscribe`, params });
    await socket.next();
  }
  endpoint.faults.set({ flood });
  const frames: Frame["params"][] = [];
  while (frames.length < count) frames.push(((await socket.next()) as unknown as Frame).params);
  endpoint.faults.clear();
  return { localnet, real, frames, signatures: frames.map(({ result }) => result.value?.signature) };
};

describe("a flood", () => {
  it("names signatures that no endpoint knows, each of them once", async () => {
    const { localnet, signatures } = await flooded({ notifications: 20, intervalMs: 5 }, ["logs"], 50);
    expect(new Set(signatures).size).toBe(50);
    for (const signature of signatures) expect(fromBase58(signature)).toHaveLength(SIGNATURE_BYTES);
    for (const { httpUrl } of localnet.endpoints) {
      const { result } = await call(httpUrl, "getTransaction", [signatures[0]]);
      expect(result).toBeNull();
    }
  });

  it("names real ones again and again, or what is no signature", async () => {
    const known = await flooded({ notifications: 9, intervalMs: 5, signatures: "known" }, ["logs"], 9);
    expect(known.signatures).toContain(known.real);
    expect(new Set(known.signatures).size).toBeLessThan(9);
    const malformed = await flooded({ intervalMs: 5, signatures: "malformed" }, ["logs"], 9);
    expect(malformed.signatures[0]).toMatch(/^no signature/);
  });

  it("runs ahead of the chain on slots, and leaves other subscriptions alone", async () => {
    const { frames } = await flooded({ subscriptions: ["slot"], intervalMs: 5 }, ["logs", "slot"], 9);
    const slots = frames.map(({ result }) => result.slot);
    expect(slots).toEqual(slots.toSorted((a, b) => a - b));
    expect(slots[0]).toBeGreaterThan(1);
    expect(new Set(frames.map(({ subscription }) => subscription)).size).toBe(1);
  });

  it("can be about one subscription of several, and ends", async () => {
    const { localnet, payer, advance } = await openLocalnet();
    const [endpoint] = localnet.endpoints;
    if (!endpoint) throw new Error("No endpoint");
    const sockets = await Promise.all([1, 2].map(() => openSocket(endpoint.wsUrl)));
    const [first, second] = sockets as [(typeof sockets)[0], (typeof sockets)[0]];
    first.send({ id: 1, method: "logsSubscribe", params: ["all", { commitment: "confirmed" }] });
    await first.next();
    second.send({ id: 1, method: "logsSubscribe", params: [{ mentions: [payer.address] }] });
    await second.next();
    endpoint.faults.set({ flood: { notifications: 5, intervalMs: 5, most: 1 } });
    for (let frames = 0; frames < 10; frames += 1) await first.next();
    endpoint.faults.set({ flood: null });
    expect(second.waiting()).toBe(0);
    expect(endpoint.faults.state().fired.flood).toBeGreaterThan(1);
    advance(1);
  });
});
