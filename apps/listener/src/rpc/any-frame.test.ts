import { eventually } from "@commcoin/tsconfig/eventually";
import * as fc from "fast-check";
import { expect, it, onTestFinished } from "vitest";
import { startPubsubServer, type Peer, type Request } from "../testing/pubsub-server.ts";
import type { FrameFault } from "./frame-faults.ts";
import { createSubscriptions } from "./subscriptions.ts";
import { openChannel } from "./websocket-channel.ts";

/** A node whose answers to `logsSubscribe` a test writes by hand, and a channel to it. */
async function connect(answer: (request: Request, peer: Peer) => void) {
  const server = await startPubsubServer(answer);
  const stop = new AbortController();
  const faults: FrameFault[] = [];
  const channel = await openChannel({
    url: `${server.url}/secret-key-1234`,
    signal: stop.signal,
    onFault: (fault) => faults.push(fault),
  });
  onTestFinished(async () => {
    stop.abort();
    await server.close();
  });
  let isLost = false;
  void channel.lost.then(() => (isLost = true));
  const subscriptions = createSubscriptions(channel);
  const subscribe = (abortSignal = stop.signal) =>
    subscriptions
      .logsNotifications({ mentions: ["11111111111111111111111111111111"] }, { commitment: "confirmed" })
      .subscribe({ abortSignal });
  return { server, faults, subscribe, isLost: () => isLost, stop };
}
const raw = (peer: Peer, text: string | Buffer): void => peer.socket.send(text);

it.each([
  ['{"code":429,"message":"Connection rate limits exceeded"}', "429: Connection rate limits exceeded"],
  ['{"code":-32429,"message":"max usage reached"}', "-32429: max usage reached"],
  ['{"code":-32000,"message":"subscription limit"}', "-32000: subscription limit"],
  ['{"code":-32003,"message":"daily request count exceeded"}', "-32003: daily request count exceeded"],
  ['{"code":"-32005","message":{"error":"busy"}}', "-32005: busy"],
  ['{"code":1e300,"message":null,"data":"no more"}', "no more"],
  ['"app inactive"', "app inactive"],
  ['{"message":"key secret-key-1234 expired"}', "key *** expired"],
  ["[7]", "JSON-RPC"],
  ["true", "true"],
])("tells the node's own code and words of an error: %s", async (error, words) => {
  let refuses = true;
  const { subscribe, isLost } = await connect(({ id }, peer) => {
    raw(peer, refuses ? `{"jsonrpc":"2.0","id":"${id}","error":${error}}` : `{"id":"${id}","result":1}`);
    refuses = false;
  });
  await expect(subscribe()).rejects.toThrow(words);
  await expect(subscribe()).resolves.toBeDefined();
  expect(isLost()).toBe(false);
});

it.each(["ID", '"ID"', "null", undefined])("takes an answer with the id %s", async (form) => {
  let turn = 0;
  const { subscribe, isLost } = await connect(({ id }, peer) => {
    const written = form === undefined ? "" : `,"id":${form.replace("ID", id)}`;
    raw(peer, `{"jsonrpc":"2.0"${written},${turn++ === 0 ? '"error":{"code":429}' : '"result":5'}}`);
  });
  await expect(subscribe()).rejects.toThrow("error 429");
  await expect(subscribe()).resolves.toBeDefined();
  expect(isLost()).toBe(false);
});

it.each(["18446744073709551615", "9007199254740993", '"0x1f"', "3"])(
  "names the subscription %s as the node does",
  async (id) => {
    const sent: string[] = [];
    const { server, subscribe } = await connect((request, peer) => {
      if (request.method !== "logsSubscribe") return;
      raw(peer, `{"jsonrpc":"2.0","id":"${request.id}","result":${id}}`);
      raw(
        peer,
        `{"jsonrpc":"2.0","method":"logsNotification","params":{"result":"mine","subscription":${id}}}`,
      );
    });
    server.peers[0]?.socket.on("message", (data) => sent.push((data as Buffer).toString()));
    const stop = new AbortController();
    const notifications = await subscribe(stop.signal);
    for await (const notification of notifications) {
      expect(notification).toBe("mine");
      stop.abort();
    }
    await eventually(() => expect(sent.at(-1)).toContain(`"method":"logsUnsubscribe","params":[${id}]`));
  },
);

it("tells two subscriptions apart whose numbers differ in their last bit", async () => {
  const ids = ["9007199254740992", "9007199254740993"] as const;
  const left: string[] = [...ids];
  const { subscribe } = await connect((request, peer) => {
    if (request.method !== "logsSubscribe") return;
    const id = left.shift();
    raw(peer, `{"id":"${request.id}","result":${id}}`);
    raw(peer, `{"method":"logsNotification","params":{"result":"${id}","subscription":${id}}}`);
  });
  for (const expected of ids) {
    for await (const notification of await subscribe()) {
      expect(notification).toBe(expected);
      break;
    }
  }
});

it.each<[FrameFault, string | Buffer]>([
  ["empty", ""],
  ["empty", " \n"],
  ["text", "ping"],
  ["text", "<html>busy</html>"],
  ["binary", Buffer.from([0xff, 0x00, 0xfe])],
  ["unexpected", "null"],
  ["unexpected", '{"type":"keepalive"}'],
  ["no_id", '{"jsonrpc":"2.0","id":null,"error":{"code":-32700}}'],
  ["unasked", '{"jsonrpc":"2.0","id":77,"result":1}'],
])("counts as %s and passes over: %s", async (fault, frame) => {
  const { server, subscribe, faults, isLost } = await connect(({ id }, peer) =>
    raw(peer, `{"id":"${id}","result":5}`),
  );
  await subscribe();
  raw(server.peers[0] as Peer, frame);
  await eventually(() => expect(faults).toEqual([fault]));
  await expect(subscribe()).resolves.toBeDefined();
  expect(isLost()).toBe(false);
});

it.each<[FrameFault, string | Buffer]>([
  ["broken", '{"jsonrpc":"2.0","method":"logsNotif'],
  ["broken", Buffer.from('[{"a":')],
  ["oversized", Buffer.alloc(64 * 1_048_576 + 1)],
])("counts as %s and ends the connection where a notification may be lost", async (fault, frame) => {
  const { server, faults, isLost } = await connect(() => {});
  raw(server.peers[0] as Peer, frame);
  await eventually(() => expect(isLost()).toBe(true));
  expect(faults).toEqual([fault]);
});

it("works on after any frame that is no broken message", async () => {
  const { server, subscribe, isLost } = await connect(({ id, method }, peer) => {
    if (method === "logsSubscribe") raw(peer, `{"id":"${id}","result":5}`);
  });
  const loose = fc.record(
    {
      jsonrpc: fc.constantFrom("2.0", 2, null),
      id: fc.oneof(fc.constantFrom("0", "1", 0, 1, null), fc.jsonValue()),
      method: fc.constantFrom("logsNotification", "x", 1, null),
      result: fc.jsonValue(),
      error: fc.oneof(fc.jsonValue(), fc.record({ code: fc.jsonValue(), message: fc.jsonValue() })),
      params: fc.oneof(fc.jsonValue(), fc.record({ subscription: fc.jsonValue(), result: fc.jsonValue() })),
    },
    { requiredKeys: [] },
  );
  const frame = fc.oneof(
    fc.jsonValue().map((value) => JSON.stringify(value)),
    loose.map((value) => JSON.stringify(value)),
    fc.string().filter((text) => !/^\s*[[{]/.test(text)),
    fc.uint8Array().map((bytes) => Buffer.from([0xff, ...bytes])),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { maxLength: 20 }), async (frames) => {
      for (const each of frames) raw(server.peers[0] as Peer, each);
      // Each frame that was sent before may be taken for the answer of one request, no more.
      const stop = new AbortController();
      let refused = 0;
      const subscribeAgain = async (): Promise<void> => {
        try {
          await subscribe(stop.signal);
        } catch (error) {
          refused += 1;
          if (refused > frames.length) throw error;
          await subscribeAgain();
        }
      };
      await subscribeAgain();
      stop.abort();
      expect(isLost()).toBe(false);
    }),
    { numRuns: 100 },
  );
});
