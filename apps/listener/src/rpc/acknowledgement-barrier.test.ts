import { describe, expect, it } from "vitest";
import { createAcknowledgementBarrier } from "./acknowledgement-barrier.ts";

const reply = (id: string) => ({ jsonrpc: "2.0", id, result: 7 });
const notification = (n: number) => ({ jsonrpc: "2.0", method: "logsNotification", params: { n } });

function setUp() {
  const delivered: unknown[] = [];
  const resumes: (() => void)[] = [];
  const barrier = createAcknowledgementBarrier(
    (message) => delivered.push(message),
    (resume) => resumes.push(resume),
  );
  return { delivered, barrier, turn: () => resumes.splice(0).forEach((resume) => resume()) };
}

describe("acknowledgement barrier", () => {
  it("passes notifications on at once", () => {
    const { delivered, barrier } = setUp();
    barrier.push(notification(1));
    expect(delivered).toEqual([notification(1)]);
  });

  it("holds back what follows an acknowledgement for one turn of the event loop", () => {
    const { delivered, barrier, turn } = setUp();
    barrier.push(reply("a"));
    barrier.push(notification(1));
    barrier.push(notification(2));
    expect(delivered).toEqual([reply("a")]);
    turn();
    expect(delivered).toEqual([reply("a"), notification(1), notification(2)]);
  });

  it("gives each acknowledgement a turn of its own, and keeps the order", () => {
    const { delivered, barrier, turn } = setUp();
    for (const message of [reply("a"), reply("b"), notification(1)]) barrier.push(message);
    turn();
    expect(delivered).toEqual([reply("a"), reply("b")]);
    barrier.push(notification(2));
    turn();
    expect(delivered).toEqual([reply("a"), reply("b"), notification(1), notification(2)]);
    barrier.push(notification(3));
    expect(delivered).toHaveLength(5);
  });

  it("does not hold back behind a request of the peer", () => {
    const { delivered, barrier } = setUp();
    barrier.push({ id: "x", method: "ping" });
    barrier.push(notification(1));
    expect(delivered).toHaveLength(2);
  });

  it("delivers everything when it is flushed, and nothing twice", () => {
    const { delivered, barrier, turn } = setUp();
    for (const message of [reply("a"), notification(1), reply("b"), notification(2)]) barrier.push(message);
    barrier.flush();
    turn();
    expect(delivered).toEqual([reply("a"), notification(1), reply("b"), notification(2)]);
  });
});
