import {
  BrokerUnavailableError,
  createMemoryBroker,
  HOLDER_TTL_MS,
  type Broker,
  type Claim,
} from "@commcoin/broker";
import { silentLogger } from "@commcoin/service/telemetry";
import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createPresenceHolder } from "./presence-holder.ts";
import { createSharedCounts } from "./shared-counts.ts";

const LIMIT = 3;

/** What a promise has come to; null when nothing yet. */
const soFar = <Result>(promise: Promise<Result>): Promise<Result | null> =>
  Promise.race([promise, Promise.resolve(null)]);

/** Gateways over one broker in memory, and a clock in the hand. */
const setUp = () => {
  let passed = 0;
  const clock = { now: () => 1_000_000 + passed, monotonic: () => passed };
  const broker: Broker = createMemoryBroker({ clock });
  const enterMany = async (counts: ReturnType<typeof createSharedCounts>, n: number): Promise<number> => {
    const results = await Promise.all(Array.from({ length: n }, () => counts.enter("user:a", LIMIT)));
    return results.filter(Boolean).length;
  };
  const gateway = (serverId: string) => {
    const away = { isAway: false };
    const signal = new AbortController();
    onTestFinished(() => signal.abort());
    const orAway =
      <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
      (...args: Args): Promise<Result> =>
        away.isAway ? Promise.reject(new BrokerUnavailableError("away")) : call(...args);
    const users = {
      keep: orAway((name: string) => broker.users.keep(name)),
      join: orAway((name: string) => broker.users.join(name)),
      claim: vi.fn(orAway((name: string, claim: Claim) => broker.users.claim(name, claim))),
    };
    const now = () => passed;
    const holder = createPresenceHolder({ users, serverId, now, log: silentLogger });
    const counts = createSharedCounts({
      users,
      holder,
      isAway: () => away.isAway,
      now,
      log: silentLogger,
      signal: signal.signal,
      retryMs: 1,
    });
    return { away, users, holder, ...counts, enterMany: (n: number) => enterMany(counts, n) };
  };
  /** All but the named ones show that they live. */
  const beat = async (ms: number, ...gateways: { holder: { current(): Promise<string> } }[]) => {
    passed += ms;
    for (const { holder } of gateways) await holder.current();
  };
  return { gateway, broker, beat };
};

describe("shared counts", () => {
  it("never let in more than the limit, however many come to how many gateways at once", async () => {
    const { gateway, beat } = setUp();
    const [one, two] = [gateway("one"), gateway("two")];
    const entering = Promise.all([one.enterMany(5), two.enterMany(5)]);
    await eventually(async () => {
      await beat(3_000, one, two);
      expect(await soFar(entering)).not.toBeNull();
    });
    const [inOne, inTwo] = await entering;
    expect(inOne + inTwo).toBe(LIMIT);
  });

  it("make room when somebody leaves, on any gateway", async () => {
    const { gateway, beat } = setUp();
    const [one, two] = [gateway("one"), gateway("two")];
    expect(await one.enterMany(LIMIT)).toBe(LIMIT);
    // Those of the same gateway are known to live.
    expect(await one.enter("user:a", LIMIT)).toBe(false);
    const waiting = two.enter("user:a", LIMIT);
    await eventually(() => expect(two.users.claim.mock.calls.length).toBeGreaterThan(1));
    one.leave("user:a");
    expect(await waiting).toBe(true);
    const refused = one.enter("user:a", LIMIT);
    await eventually(async () => {
      await beat(3_000, one, two);
      expect(await soFar(refused)).toBe(false);
    });
    expect(await two.enter("user:b", LIMIT)).toBe(true);
  });

  it("refuse only when all gateways that count have shown that they live, and do not count the dead", async () => {
    const { gateway, beat } = setUp();
    const [dead, alive, newcomer] = [gateway("dead"), gateway("alive"), gateway("newcomer")];
    expect(await dead.enterMany(2)).toBe(2);
    expect(await alive.enterMany(1)).toBe(1);
    const waiting = newcomer.enter("user:a", LIMIT);
    for (let ms = 0; ms < HOLDER_TTL_MS - 3_000; ms += 3_000) {
      await beat(3_000, alive, newcomer);
      const asked = newcomer.users.claim.mock.calls.length;
      await eventually(() => expect(newcomer.users.claim.mock.calls.length).toBeGreaterThan(asked + 1));
      expect(await soFar(waiting)).toBeNull();
    }
    await beat(3_000, alive, newcomer);
    expect(await waiting).toBe(true);
    expect(await newcomer.enter("user:a", LIMIT)).toBe(true);
    const fourth = newcomer.enter("user:a", LIMIT);
    await eventually(async () => {
      await beat(3_000, alive, newcomer);
      expect(await soFar(fourth)).toBe(false);
    });
  });

  it("hold for one gateway alone while the broker is away, and for all again when it is back", async () => {
    const { gateway, beat } = setUp();
    const [one, two] = [gateway("one"), gateway("two")];
    await two.holder.current();
    one.away.isAway = true;
    expect(await one.enterMany(LIMIT + 2)).toBe(LIMIT);
    one.reconcile();
    one.away.isAway = false;
    expect(await two.enter("user:a", LIMIT)).toBe(true);
    one.reconcile();
    await eventually(async () => expect(await one.users.claim.mock.results.at(-1)?.value).toBeTruthy());
    const refused = two.enter("user:a", LIMIT);
    await eventually(async () => {
      await beat(3_000, one, two);
      expect(await soFar(refused)).toBe(false);
    });
    // What was let in stays in.
    one.leave("user:a");
    one.leave("user:a");
    expect(await two.enter("user:a", LIMIT)).toBe(true);
  });

  it("tell a broker that lost its data everything again", async () => {
    const { gateway, broker, beat } = setUp();
    const [one, two] = [gateway("one"), gateway("two")];
    expect(await one.enterMany(LIMIT)).toBe(LIMIT);
    await beat(HOLDER_TTL_MS + 1, two);
    // Another gateway takes it for dead.
    await broker.users.sweep();
    await eventually(async () => {
      await one.holder.current();
      one.reconcile();
      const last = one.users.claim.mock.calls.at(-1)?.[1];
      expect(last).toMatchObject({ held: LIMIT, wanted: LIMIT });
    });
    const refused = two.enter("user:a", LIMIT);
    await eventually(async () => {
      await beat(3_000, one, two);
      expect(await soFar(refused)).toBe(false);
    });
  });

  it("are claimed anew when the broker may have lost what it granted", async () => {
    const { gateway, beat } = setUp();
    const [one, two] = [gateway("one"), gateway("two")];
    // Granted, and forgotten.
    one.users.claim.mockResolvedValueOnce({ granted: 1, certain: true, at: 0 });
    expect(await one.enter("user:a", LIMIT)).toBe(true);
    expect(await one.enter("user:b", LIMIT)).toBe(true);
    // One more is being granted under the former name.
    let answer = (): void => {};
    one.users.claim.mockImplementationOnce(async () => {
      await new Promise<void>((resolve) => (answer = resolve));
      return { granted: 2, certain: true, at: 0 };
    });
    const third = one.enter("user:b", LIMIT);
    await eventually(() => expect(one.users.claim).toHaveBeenCalledTimes(3));
    one.holder.renew();
    one.reconcile();
    await beat(0, one);
    answer();
    expect(await third).toBe(true);
    one.reconcile();
    await eventually(() =>
      expect(
        one.users.claim.mock.calls
          .slice(3)
          .map(([, { key, held }]) => `${key} ${held}`)
          .toSorted(),
      ).toEqual(["user:a 1", "user:b 2"]),
    );
    expect(await two.enterMany(LIMIT - 1)).toBe(LIMIT - 1);
    expect(await soFar(two.enter("user:a", LIMIT))).toBeNull();
  });
});
