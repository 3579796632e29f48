import { BrokerUnavailableError } from "@commcoin/broker";
import { createLocalnet } from "@commcoin/localnet";
import { eventually } from "@commcoin/tsconfig/eventually";
import { expect, it, onTestFinished, vi } from "vitest";
import { keepingBroker, startListener } from "../testing/start-listener.ts";

it("a listener that leads and cannot begin to publish is not ready, until it can", async () => {
  const localnet = await createLocalnet({ slotMs: 50 });
  onTestFinished(() => localnet.stop());
  const memory = keepingBroker();
  let refuses = true;
  const write: typeof memory.states.write = (...about) =>
    refuses ? Promise.reject(new BrokerUnavailableError("full")) : memory.states.write(...about);
  const env = {
    SOLANA_RPC_URL: localnet.httpUrl,
    SOLANA_WS_URL: localnet.wsUrl,
    // Longer than the time that is skipped below.
    TRANSACTION_LISTENER_LEASE_SECONDS: "60",
    TRANSACTION_LISTENER_SLOT_TIMEOUT: "60",
  };
  const running = await startListener(env, {
    broker: { ...memory, states: { ...memory.states, write } },
  });
  onTestFinished(() => running.listener.stop());
  await eventually(async () => {
    expect(running.listener.status().role).toBe("leader");
    expect((await running.ready()).status).toBe(200);
  });

  const real = performance.now.bind(performance);
  const clock = vi.spyOn(performance, "now").mockImplementation(() => real() + 11_000);
  onTestFinished(() => clock.mockRestore());
  await eventually(async () => {
    const { status, body } = await running.ready();
    expect(status).toBe(503);
    expect(body).toMatchObject({
      checks: { node: { ok: true }, takeover: { message: expect.stringContaining("without publishing") } },
    });
  });

  refuses = false;
  await eventually(async () => expect((await running.ready()).status).toBe(200));
  expect(running.listener.status().fence).not.toBeNull();
}, 40_000);
