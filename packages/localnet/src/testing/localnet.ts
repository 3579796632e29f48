import {
  createSolanaRpc,
  createSolanaRpcSubscriptions_UNSTABLE,
  generateKeyPairSigner,
  type KeyPairSigner,
} from "@solana/kit";
import { afterEach } from "vitest";
import { createLocalnet, type Localnet, type LocalnetOptions } from "../localnet.ts";
import { LAMPORTS_PER_SOL } from "./engine.ts";

const opened: Localnet[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((localnet) => localnet.stop()));
});

/** A fixed time, so that blocks of a test are the same at every run. */
export const TEST_NOW_MS = 1_700_000_000_000;

/** A local node whose slots the test advances by hand, kit clients of it, and a payer of 100 SOL. */
export const openLocalnet = async (options: LocalnetOptions = {}) => {
  const localnet = await createLocalnet({
    slotMs: null,
    genesis: "test",
    now: () => TEST_NOW_MS,
    finalitySlots: 4,
    ...options,
  });
  opened.push(localnet);
  const payer: KeyPairSigner = await generateKeyPairSigner();
  localnet.submit(localnet.engine.airdrop(payer.address, 100n * LAMPORTS_PER_SOL));
  localnet.advance();
  return {
    localnet,
    payer,
    rpc: createSolanaRpc(localnet.httpUrl as "http://localhost"),
    subscriptions: createSolanaRpcSubscriptions_UNSTABLE(localnet.wsUrl as "ws://localhost"),
    advance: (slots: number): void => {
      for (let slot = 0; slot < slots; slot += 1) localnet.advance();
    },
  };
};
