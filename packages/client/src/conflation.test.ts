import { expect, it } from "vitest";
import { createMachine, event, noticesOf, offsets, sent } from "./testing/machine.ts";

const topic = "market_data";
const place = (offset: number, epoch = "e1") => ({ epoch, offset });

/** Subscribed to `market_data` with conflation; it stands at 10. */
function live() {
  const machine = createMachine();
  machine.step({ type: "subscribe", topic, conflate: true });
  machine.connected();
  answer(machine, 10, false);
  return machine;
}

function answer(machine: ReturnType<typeof createMachine>, offset: number, recovered: boolean, replayed = 0) {
  const id = machine.state.topics.get(topic)?.request ?? -1;
  return machine.receive({
    type: "subscribed",
    id,
    data: { topic, ...place(offset), recovered, replayed },
  });
}

it("is asked for in the frame, with every subscribe request", () => {
  const machine = live();
  machine.receive(event(topic, 14));
  machine.serverCloses(1006);
  machine.actions.length = 0;
  machine.connected();
  expect(sent(machine.actions)).toEqual([
    { type: "subscribe", id: expect.any(Number), data: { topic, since: place(14), conflate: true } },
  ]);
});

it("hands out what is newer whatever lies between: a jump is no gap and no loss, and what is older comes once", () => {
  const machine = live();
  machine.actions.length = 0;
  for (const offset of [11, 14, 12, 14, 20, 21]) machine.receive(event(topic, offset));
  expect(offsets(machine.actions)).toEqual([11, 14, 20, 21]);
  expect(sent(machine.actions)).toEqual([]);
  expect(machine.state.counts).toMatchObject({ delivered: 4, duplicates: 2, gaps: 0, lost: 0 });
  expect(machine.state.topics.get(topic)?.position).toEqual(place(21));
});

it("waits for the answer like any other topic, and tells a position that the server lost", () => {
  const machine = live();
  machine.serverCloses(1006);
  machine.connected();
  machine.actions.length = 0;
  machine.receive(event(topic, 30));
  expect(offsets(machine.actions)).toEqual([]);
  answer(machine, 30, true, 20);
  machine.receive(event(topic, 11));
  machine.receive({ type: "reset", data: { topic, ...place(3, "e2"), reason: "position lost" } });
  machine.receive(event(topic, 9));
  expect(offsets(machine.actions)).toEqual([11, 9]);
  expect(noticesOf(machine.actions, "lost")).toEqual([
    { type: "lost", topic, reason: "position lost", from: place(11), to: place(3, "e2") },
  ]);
});

it("is asked for by nobody else", () => {
  const machine = createMachine();
  machine.connected();
  expect(sent(machine.step({ type: "subscribe", topic }))[0]?.data).toEqual({ topic });
});
