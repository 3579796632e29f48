import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { FencedError } from "../broker.ts";
import type { BrokerBus } from "./support.ts";

const uniqueName = (): string => `state-${randomBytes(6).toString("hex")}`;
const changes = (entries: Record<string, string | null>) => new Map(Object.entries(entries));

/** What one holder of a lease leaves to the next. */
export function statesConformance(getBus: () => BrokerBus): void {
  describe("states", () => {
    it("are read as they were written, by whoever asks", async () => {
      const [one, two] = [await getBus().connect(), await getBus().connect()];
      const name = uniqueName();
      expect(await two.states.read(name)).toEqual(new Map());
      await one.states.write(name, changes({ a: "1", b: "ü\n{}" }), { fence: 1 });
      expect(await two.states.read(name)).toEqual(changes({ a: "1", b: "ü\n{}" }));
      await one.states.write(name, changes({ a: null, c: "", never: null }), { fence: 1 });
      expect(await two.states.read(name)).toEqual(changes({ b: "ü\n{}", c: "" }));
      expect(await two.states.read(name, ["c", "a", "b"])).toEqual(changes({ b: "ü\n{}", c: "" }));
      expect(await two.states.read(name, [])).toEqual(new Map());
      expect(await two.states.read(uniqueName())).toEqual(new Map());
    });

    it("refuse an earlier holder, and take nothing of what it brings", async () => {
      const [one, two] = [await getBus().connect(), await getBus().connect()];
      const name = uniqueName();
      await one.states.write(name, changes({ a: "old" }), { fence: 10 });
      await two.states.write(name, new Map(), { fence: 11 });
      const late = one.states.write(name, changes({ a: "stale", b: "stale" }), { fence: 10 });
      await expect(late).rejects.toThrow(FencedError);
      expect(await two.states.read(name)).toEqual(changes({ a: "old" }));
      await two.states.write(name, changes({ a: "new" }), { fence: 11 });
      expect(await one.states.read(name)).toEqual(changes({ a: "new" }));
      await one.states.write(uniqueName(), changes({ a: "elsewhere" }), { fence: 10 });
    });

    it("may be large", async () => {
      const broker = await getBus().connect();
      const name = uniqueName();
      const all = new Map(Array.from({ length: 10_000 }, (_, n) => [`key-${n}`, `${n}`.repeat(20)]));
      await broker.states.write(name, all, { fence: 1 });
      expect(await broker.states.read(name)).toEqual(all);
      await broker.states.write(name, new Map([...all.keys()].map((key) => [key, null])), { fence: 1 });
      expect(await broker.states.read(name)).toEqual(new Map());
    });
  });
}
