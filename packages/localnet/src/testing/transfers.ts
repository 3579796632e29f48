import { getTransferSolInstruction } from "@solana-program/system";
import type { Address, KeyPairSigner } from "@solana/kit";
import type { Localnet } from "../localnet.ts";
import { signedTransaction } from "./transactions.ts";

/** Sends SOL on a local node and returns the signature; with an older blockhash when one is given. */
export const createTransfer =
  (localnet: Localnet, payer: KeyPairSigner) =>
  async (
    lamports: bigint,
    destination: Address = payer.address,
    blockhash: string = localnet.engine.latestBlockhash(),
  ): Promise<string> =>
    localnet.send(
      await signedTransaction({
        payer,
        blockhash,
        instructions: [getTransferSolInstruction({ source: payer, destination, amount: lamports })],
      }),
    );
