import { randomBytes } from "node:crypto";
import { eventually } from "@commcoin/tsconfig/eventually";
import * as fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { Broker } from "../broker.ts";
import { DEMAND_TTL_MS } from "../demand.ts";
import { after, type BrokerBus } from "./support.ts";

const uniqueName = (name: string): string => `${name}-${randomBytes(6).toString("hex")}`;
const LIMIT = 4;

/** What gateways want watched. The demand is one for the whole bus: each case begins and ends with none. */
export function demandConformance(getBus: () => BrokerBus): void {
  describe("demand", () => {
    const holders = new Set<string>();
    const holder = (): string => {
      const name = uniqueName("gateway");
      holders.add(name);
      return name;
    };
    const wanted = async (broker: Broker): Promise<readonly string[]> =>
      (await broker.demand.wanted()).toSorted();

    afterEach(async () => {
      const broker = await getBus().connect();
      for (const name of holders) await broker.demand.withdraw(name);
      holders.clear();
      expect(await broker.demand.wanted()).toEqual([]);
    });

    it("is what all holders want together, whoever asks", async () => {
      const [one, two] = [await getBus().connect(), await getBus().connect()];
      const [first, second] = [holder(), holder()];
      expect(await one.demand.change(first, { want: ["a", "b"], leave: [] }, LIMIT)).toEqual([]);
      expect(await two.demand.change(second, { want: ["b", "c"], leave: [] }, LIMIT)).toEqual([]);
      expect(await wanted(one)).toEqual(["a", "b", "c"]);
      await one.demand.change(first, { want: [], leave: ["a", "b", "never"] }, LIMIT);
      expect(await wanted(two)).toEqual(["b", "c"]);
      await two.demand.withdraw(second);
      expect(await wanted(one)).toEqual([]);
    });

    it("wants an address once per holder, however often it is said", async () => {
      const broker = await getBus().connect();
      const name = holder();
      await broker.demand.change(name, { want: ["a", "a"], leave: [] }, LIMIT);
      await broker.demand.change(name, { want: ["a"], leave: [] }, LIMIT);
      await broker.demand.declare(name, ["a"], LIMIT);
      await broker.demand.change(name, { want: [], leave: ["a"] }, LIMIT);
      expect(await wanted(broker)).toEqual([]);
    });

    it("is replaced by what a holder declares, and tells holders apart whose names begin alike", async () => {
      const broker = await getBus().connect();
      const name = holder();
      const longer = `${name}2`;
      holders.add(longer);
      await broker.demand.declare(longer, ["x"], LIMIT);
      await broker.demand.declare(name, ["a", "b"], LIMIT);
      await broker.demand.declare(name, ["b", "c"], LIMIT);
      expect(await wanted(broker)).toEqual(["b", "c", "x"]);
      await broker.demand.declare(name, [], LIMIT);
      expect(await wanted(broker)).toEqual(["x"]);
    });

    it("never goes beyond the limit, and lets in again when there is room", async () => {
      const [one, two] = [await getBus().connect(), await getBus().connect()];
      const [first, second] = [holder(), holder()];
      expect(await one.demand.change(first, { want: ["a", "b", "c"], leave: [] }, LIMIT)).toEqual([]);
      expect(await two.demand.change(second, { want: ["a", "d", "e", "c"], leave: [] }, LIMIT)).toEqual([
        "e",
      ]);
      expect(await two.demand.declare(second, ["a", "c", "d", "e"], LIMIT)).toEqual(["e"]);
      expect(await wanted(one)).toEqual(["a", "b", "c", "d"]);
      // What is left in the same change makes room.
      expect(await two.demand.change(second, { want: ["e"], leave: ["d"] }, LIMIT)).toEqual([]);
      expect(await wanted(one)).toEqual(["a", "b", "c", "e"]);
    });

    it("lets in exactly as many as fit when all come at the same time", async () => {
      const [one, two] = [await getBus().connect(), await getBus().connect()];
      const refused = await Promise.all(
        Array.from({ length: 20 }, (_, index) => {
          const { demand } = index % 2 === 0 ? one : two;
          return demand.change(holder(), { want: [`address-${index}`], leave: [] }, LIMIT);
        }),
      );
      expect(refused.flat()).toHaveLength(20 - LIMIT);
      expect(await one.demand.wanted()).toHaveLength(LIMIT);
    });

    it("ends when its holder does not declare it any more, and makes room then", async () => {
      const broker = await getBus().connect();
      const [dead, alive] = [holder(), holder()];
      await broker.demand.declare(dead, ["a", "b", "c"], LIMIT);
      const since = performance.now();
      getBus().advance?.(DEMAND_TTL_MS - 1);
      await broker.demand.declare(alive, ["c", "d"], LIMIT);
      expect(await wanted(broker)).toEqual(["a", "b", "c", "d"]);
      await after(getBus(), getBus().advance === undefined ? DEMAND_TTL_MS : 2, async () => {
        await broker.demand.declare(alive, ["c", "d"], LIMIT);
        expect(await wanted(broker)).toEqual(["c", "d"]);
      });
      const lasted = getBus().advance === undefined ? performance.now() - since : DEMAND_TTL_MS;
      expect(lasted).toBeGreaterThan(DEMAND_TTL_MS - 1_000);
      expect(await broker.demand.change(alive, { want: ["e", "f"], leave: [] }, LIMIT)).toEqual([]);
    }, 60_000);

    it("tells of changes, and only of those", async () => {
      const [one, two] = [await getBus().connect(), await getBus().connect()];
      const [first, second] = [holder(), holder()];
      let changes = 0;
      const stop = await two.demand.listen(() => (changes += 1));
      await one.demand.change(first, { want: ["a"], leave: [] }, LIMIT);
      await eventually(() => expect(changes).toBe(1));
      // Nothing that everybody together wants changes by these.
      await one.demand.change(second, { want: ["a"], leave: ["b"] }, LIMIT);
      await one.demand.declare(first, ["a"], LIMIT);
      await one.demand.withdraw(first);
      await one.demand.withdraw(second);
      await eventually(() => expect(changes).toBe(2));
      stop();
      await one.demand.change(first, { want: ["b"], leave: [] }, LIMIT);
      expect(await wanted(one)).toEqual(["b"]);
      expect(changes).toBe(2);
    });

    it("refuses what is no word", async () => {
      const broker = await getBus().connect();
      await expect(broker.demand.declare("two words", ["a"], LIMIT)).rejects.toThrow(RangeError);
      await expect(broker.demand.change("one", { want: ["a b"], leave: [] }, LIMIT)).rejects.toThrow(
        RangeError,
      );
    });

    it("agrees with a model after any changes", async () => {
      const broker = await getBus().connect();
      const address = fc.constantFrom<string[]>("a", "b", "c", "d", "e", "f");
      const addresses = fc.uniqueArray(address, { maxLength: 5 });
      const step = fc.record({
        who: fc.constantFrom("one", "two", "three"),
        does: fc.constantFrom("change", "declare", "withdraw"),
        want: addresses,
        leave: addresses,
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
          const model = new Map<string, Set<string>>();
          const names = { one: holder(), two: holder(), three: holder() } as Record<string, string>;
          for (const { who, does, want, leave } of steps) {
            const name = names[who] ?? "";
            const own = model.get(who) ?? new Set<string>();
            model.set(who, own);
            if (does === "withdraw") {
              await broker.demand.withdraw(name);
              own.clear();
              continue;
            }
            const gone = does === "change" ? leave : [...own].filter((known) => !want.includes(known));
            for (const left of gone) own.delete(left);
            const refused: string[] = [];
            for (const item of want) {
              const all = new Set([...model.values()].flatMap((set) => [...set]));
              if (!all.has(item) && all.size >= LIMIT) refused.push(item);
              else own.add(item);
            }
            const answer =
              does === "change"
                ? await broker.demand.change(name, { want, leave }, LIMIT)
                : await broker.demand.declare(name, want, LIMIT);
            expect(answer).toEqual(refused);
            const all = new Set([...model.values()].flatMap((set) => [...set]));
            expect(await wanted(broker)).toEqual([...all].toSorted());
          }
          for (const name of Object.values(names)) await broker.demand.withdraw(name);
        }),
        { numRuns: 50 },
      );
    });
  });
}
