import { describe, expect, it } from "vitest";
import { fakeConnection } from "../testing/fake-connection.ts";
import { createHeartbeat } from "./heartbeat.ts";

const SLOTS = 12;

const setUp = (random: () => number = () => 0) => {
  const stale: string[] = [];
  const heartbeat = createHeartbeat({
    intervalSeconds: 12,
    onStale: ({ id }) => stale.push(id),
    random,
  });
  const turn = (times: number): void => {
    for (let i = 0; i < times; i += 1) heartbeat.tick();
  };
  return { heartbeat, stale, turn };
};

describe("heartbeat", () => {
  it("pings every connection once per interval", () => {
    const { heartbeat, turn } = setUp();
    const connection = fakeConnection("a");
    heartbeat.add(connection);
    for (let interval = 1; interval <= 5; interval += 1) {
      turn(SLOTS);
      expect(connection.socket.pings).toBe(interval);
      connection.awaitingPong = false;
    }
    expect(heartbeat.tickMs).toBe(1_000);
  });

  it("spreads the first pings over the second half of the first interval", () => {
    let at = 0;
    const { heartbeat, turn } = setUp(() => (at += 0.1) % 1);
    const connections = Array.from({ length: 60 }, (_, index) => fakeConnection(String(index)));
    for (const connection of connections) heartbeat.add(connection);
    const pinged = (): number => connections.reduce((sum, { socket }) => sum + socket.pings, 0);
    turn(SLOTS / 2 - 1);
    expect(pinged()).toBe(0);
    const steps: number[] = [];
    for (let i = 0; i < SLOTS / 2; i += 1) {
      const before = pinged();
      turn(1);
      steps.push(pinged() - before);
    }
    expect(pinged()).toBe(60);
    expect(Math.max(...steps)).toBeLessThanOrEqual(18);
  });

  it("reports a connection that gave no sign of life a third of the interval after its ping, and no other", () => {
    const { heartbeat, stale, turn } = setUp();
    const [silent, lively] = [fakeConnection("silent"), fakeConnection("lively")];
    heartbeat.add(silent);
    heartbeat.add(lively);
    turn(SLOTS / 2);
    lively.awaitingPong = false;
    turn(3);
    expect(stale).toEqual([]);
    turn(1);
    expect(stale).toEqual(["silent"]);
  });

  it("forgets a connection that was removed", () => {
    const { heartbeat, stale, turn } = setUp();
    const connection = fakeConnection("a");
    heartbeat.add(connection);
    turn(SLOTS - 3);
    heartbeat.remove(connection);
    turn(SLOTS);
    expect(stale).toEqual([]);
    expect(connection.socket.pings).toBe(1);
  });
});
