import { describe, expect, it } from "vitest";
import { createChainOrder } from "./chain-order.ts";

describe("order of publication", () => {
  it("leaves what comes in the order of the chain as it was found", () => {
    const order = createChainOrder(-1);
    const places = [
      [0, 0],
      [5, 3],
      [5, 3],
      [5, 4],
      [6, 0],
    ] as const;
    expect(places.map(([slot, index]) => order.publish({ slot, index }, "live"))).toEqual(
      places.map(() => "live"),
    );
  });

  it("calls live what stands before something published a find of later", () => {
    const order = createChainOrder(-1);
    order.publish({ slot: 7, index: 4 }, "live");
    expect(order.publish({ slot: 7, index: 3 }, "live")).toBe("backfill");
    expect(order.publish({ slot: 6, index: 9 }, "live")).toBe("backfill");
    expect(order.publish({ slot: 6, index: 9 }, "audit")).toBe("audit");
    expect(order.publish({ slot: 7, index: 5 }, "live")).toBe("live");
  });

  it("counts what was found late as published", () => {
    const order = createChainOrder(-1);
    order.publish({ slot: 7, index: 0 }, "audit");
    expect(order.publish({ slot: 6, index: 0 }, "live")).toBe("backfill");
  });

  it("goes on behind an earlier publisher, whose last slot may be complete", () => {
    const order = createChainOrder(10);
    expect(order.publish({ slot: 10, index: 99 }, "live")).toBe("backfill");
    expect(order.publish({ slot: 11, index: 0 }, "live")).toBe("live");
  });

  it("does not guess within a slot of which no node says the places", () => {
    const order = createChainOrder(-1);
    const places = [1, 1, 2, 2].map((slot) => order.publish({ slot, index: null }, "live"));
    expect(places).toEqual(["live", "live", "live", "live"]);
    expect(order.publish({ slot: 1, index: null }, "live")).toBe("backfill");
  });
});
