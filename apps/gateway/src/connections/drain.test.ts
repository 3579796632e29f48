import { describe, expect, it } from "vitest";
import { fakeConnection } from "../testing/fake-connection.ts";
import { drainConnections, shutdownReason } from "./drain.ts";

const drain = async (count: number, seconds: number) => {
  const connections = Array.from({ length: count }, (_, index) => fakeConnection(String(index)));
  const perStep: number[] = [];
  const delays: number[] = [];
  let inStep = 0;
  await drainConnections({
    connections,
    seconds,
    close(connection, reason) {
      connection.closed = true;
      inStep += 1;
      delays.push(Number(/reconnect in (\d+) ms/.exec(reason)?.[1]));
    },
    wait: () => {
      perStep.push(inStep);
      inStep = 0;
      return Promise.resolve();
    },
  });
  return { perStep: [...perStep, inStep], delays, open: connections.filter(({ closed }) => !closed).length };
};

describe("drain", () => {
  it("closes everybody, evenly over the time", async () => {
    const { perStep, open } = await drain(1_000, 10);
    expect(open).toBe(0);
    expect(perStep).toHaveLength(100);
    expect(new Set(perStep)).toEqual(new Set([10]));
  });

  it("takes no time when there is nobody, or no time given", async () => {
    expect((await drain(0, 10)).perStep).toEqual([0]);
    expect((await drain(50, 0)).perStep).toEqual([50]);
  });

  it("suggests delays that spread the reconnects", async () => {
    const { delays } = await drain(10_000, 1);
    expect(Math.max(...delays)).toBeGreaterThan(4_000);
    expect(Math.max(...delays)).toBeLessThanOrEqual(5_000);
    expect(delays.filter((delay) => delay < 2_500).length).toBeGreaterThan(4_000);
  });

  it("gives a reason that fits into a close frame", () => {
    expect(Buffer.byteLength(shutdownReason(3_600_000))).toBeLessThanOrEqual(123);
  });
});
