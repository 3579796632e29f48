import { describe, expect, it } from "vitest";
import { fakeConnection } from "../testing/fake-connection.ts";
import { findSlowConsumers, waitingBytes } from "./slow-consumers.ts";

const LIMIT = 1_000;

describe("slow consumers", () => {
  it("reports a client that stays over half of the limit, and leaves one alone that catches up", () => {
    const [slow, catching, fast] = [
      fakeConnection("slow"),
      fakeConnection("catching"),
      fakeConnection("fast"),
    ];
    const found: string[] = [];
    const look = (): void => findSlowConsumers([slow, catching, fast], LIMIT, ({ id }) => found.push(id));
    slow.socket.waiting = 600;
    catching.socket.waiting = 900;
    look();
    expect(found).toEqual([]);
    catching.socket.waiting = 400;
    look();
    expect(found).toEqual(["slow"]);
    expect(catching.congested).toBe(true);
    expect(waitingBytes([slow, catching, fast])).toBe(1_000);
    catching.socket.waiting = 0;
    look();
    expect(catching.congested).toBe(false);
  });
});
