import { eventually } from "@commcoin/tsconfig/eventually";
import { expect, it, onTestFinished } from "vitest";
import { acknowledge, notify, startPubsubServer } from "./testing/pubsub-server.ts";
import { startHttpNode } from "./testing/start-http-node.ts";
import { startListener } from "./testing/start-listener.ts";

it.each([
  [429, "Connection rate limits exceeded"],
  [-32_429, "max usage reached"],
  [-32_000, "subscription limit"],
  [-32_003, "daily request count exceeded"],
])("a listener whose node refuses with %i, %s, lives on, and tells so", async (code, message) => {
  const error = { code, message };
  let refuses = true;
  const server = await startPubsubServer((request, peer) => {
    if (request.method === "logsSubscribe" && refuses) peer.send({ id: request.id, error });
    else peer.send(acknowledge(request, 1));
    if (request.method !== "slotSubscribe") return;
    const announced = { slot: 7, parent: 6, root: 5 };
    peer.send(notify(1, announced, "slotNotification"));
  });
  onTestFinished(() => server.close());
  const node = await startHttpNode((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { id, method } = JSON.parse(Buffer.concat(chunks).toString()) as { id: string; method: string };
      const results: Record<string, unknown> = { getGenesisHash: "genesis", getSlot: 7 };
      response.end(JSON.stringify({ id, ...(method in results ? { result: results[method] } : { error }) }));
    });
  });
  const running = await startListener({
    SOLANA_RPC_URL: `http://${node}`,
    SOLANA_WS_URL: server.url,
    TRANSACTION_LISTENER_FINALITY_INTERVAL: "0",
  });
  onTestFinished(() => running.listener.stop());
  await eventually(async () => {
    expect(running.listener.status().refusals).toContainEqual({
      endpoint: server.url,
      code,
      message: expect.stringContaining(message),
      age_ms: expect.any(Number),
    });
    const { status, body } = await running.ready();
    expect([status, JSON.stringify(body)]).toEqual([503, expect.stringContaining(message)]);
    expect(await running.metric("node_faults_total", server.url)).toBeGreaterThan(0);
  });
  refuses = false;
  const tried = (): number => server.requests.filter(({ method }) => method === "logsSubscribe").length;
  const before = tried();
  await eventually(() => expect(tried()).toBeGreaterThan(before));
  await eventually(() =>
    expect(running.listener.status().refusals).toContainEqual(
      expect.objectContaining({
        endpoint: `http://${node}`,
        code,
        message: expect.stringContaining(message),
      }),
    ),
  );
});
