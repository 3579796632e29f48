import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keepPositions, webStorage } from "./kept-positions.ts";
import type { Position, Topic } from "./protocol.ts";

const place = (offset: number): Position => ({ epoch: "e1", offset });
const at = (offset: number): ReadonlyMap<Topic, Position> => new Map([["market_data", place(offset)]]);

/** What a browser has; `fails` as one whose quota is used up, or that forbids it. */
function fakeStorage({ fails = false } = {}) {
  const texts = new Map<string, string>();
  const check = (): void => {
    if (fails) throw new Error("QuotaExceededError");
  };
  return {
    texts,
    getItem: (key: string) => {
      check();
      return texts.get(key) ?? null;
    },
    setItem: (key: string, text: string) => {
      check();
      texts.set(key, text);
    },
  };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("positions", () => {
  it("are saved once a second at most, and found again", () => {
    const storage = fakeStorage();
    const setItem = vi.spyOn(storage, "setItem");
    vi.stubGlobal("localStorage", storage);
    const keeper = keepPositions();
    expect(keeper.saved).toEqual(new Map());
    let now = at(1);
    for (const offset of [1, 2, 3]) {
      now = at(offset);
      keeper.touch(() => now);
    }
    vi.advanceTimersByTime(999);
    expect(setItem).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(setItem).toHaveBeenCalledTimes(1);
    expect(keepPositions().saved).toEqual(at(3));
    expect(vi.getTimerCount()).toBe(0);
  });

  it("are saved at once when the page goes, if they have changed", () => {
    const page = new EventTarget();
    vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
    vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
    const save = vi.fn<(positions: ReadonlyMap<Topic, Position>) => void>();
    const keeper = keepPositions({ load: () => null, save });
    keeper.touch(() => at(1));
    page.dispatchEvent(new Event("pagehide"));
    page.dispatchEvent(new Event("pagehide"));
    expect(save.mock.calls).toEqual([[at(1)]]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("are 256 at most, the last ones", () => {
    const save = vi.fn<(positions: ReadonlyMap<Topic, Position>) => void>();
    const many = Array.from({ length: 300 }, (_, n) => [`t:${n}`, place(n)] as const);
    const keeper = keepPositions({ load: () => many, save });
    expect([...keeper.saved.keys()]).toEqual(many.slice(-256).map(([topic]) => topic));
    keeper.touch(() => new Map(many));
    keeper.flush();
    expect(save.mock.calls[0]?.[0].size).toBe(256);
  });

  it.each([
    "{",
    "null",
    "7",
    '"text"',
    '{"market_data":{"epoch":"e1","offset":1}}',
    '[["market_data"]]',
    '[["market_data",null]]',
    '[["market_data",{"epoch":"e 1","offset":1}]]',
    '[["market_data",{"epoch":"e1","offset":-1}]]',
    '[["market_data",{"epoch":"e1","offset":1.5}]]',
    '[["market_data",{"epoch":"e1","offset":"1"}]]',
    '[["Market Data",{"epoch":"e1","offset":1}]]',
    "[[{},{}],null,3,[]]",
  ])("are none where %s is stored", (text) => {
    const storage = fakeStorage();
    storage.texts.set("commcoin.positions", text);
    vi.stubGlobal("localStorage", storage);
    expect(keepPositions().saved).toEqual(new Map());
  });

  it("are those that are sound where others are damaged", () => {
    const stored = [null, ["market_data", place(4)], ["transactions", { epoch: "e1" }]];
    expect(keepPositions({ load: () => stored, save: () => undefined }).saved).toEqual(at(4));
  });

  it.each(["full", "missing"])("stop nothing where the storage is %s", async (kind) => {
    vi.stubGlobal("sessionStorage", kind === "full" ? fakeStorage({ fails: true }) : undefined);
    const onError = vi.fn<(error: unknown) => void>();
    const keeper = keepPositions(webStorage("sessionStorage"), onError);
    expect(keeper.saved).toEqual(new Map());
    keeper.touch(() => at(1));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(onError).toHaveBeenCalledTimes(2);
  });

  it("may be saved by what takes a while, and fails", async () => {
    const onError = vi.fn<(error: unknown) => void>();
    const keeper = keepPositions(
      { load: () => [], save: () => Promise.reject(new Error("offline")) },
      onError,
    );
    keeper.touch(() => at(1));
    keeper.flush();
    await vi.advanceTimersByTimeAsync(0);
    expect(onError).toHaveBeenCalledWith(new Error("offline"));
  });
});
