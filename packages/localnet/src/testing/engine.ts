import { generateKeyPairSigner, type KeyPairSigner } from "@solana/kit";
import type { Engine } from "../engine/engine.ts";
import { createLitesvmEngine, type LitesvmEngineOptions } from "../engine/litesvm-engine.ts";
import { toBase58 } from "../wire/base58.ts";

export const LAMPORTS_PER_SOL = 1_000_000_000n;

const blockhashOf = (slot: number): string => {
  const bytes = new Uint8Array(32).fill(7);
  new DataView(bytes.buffer).setUint32(0, slot);
  return toBase58(bytes);
};

/** An engine in slot 1, with a payer of 100 SOL. */
export const startedEngine = async (
  options?: LitesvmEngineOptions,
): Promise<{ engine: Engine; payer: KeyPairSigner; nextSlot: () => void }> => {
  const engine = createLitesvmEngine(options);
  let slot = 0;
  const nextSlot = (): void => {
    slot += 1;
    engine.beginSlot({
      slot,
      unixTimestamp: 1_700_000_000 + slot,
      parent: { slot: slot - 1, blockhash: blockhashOf(slot - 1) },
    });
  };
  nextSlot();
  const payer = await generateKeyPairSigner();
  engine.airdrop(payer.address, 100n * LAMPORTS_PER_SOL);
  return { engine, payer, nextSlot };
};
