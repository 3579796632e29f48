import {
  type AddressesByLookupTableAddress,
  appendTransactionMessageInstructions,
  type Blockhash,
  compressTransactionMessageUsingAddressLookupTables,
  createTransactionMessage,
  getTransactionEncoder,
  type Instruction,
  type KeyPairSigner,
  pipe,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
} from "@solana/kit";

interface TransactionOptions {
  readonly payer: KeyPairSigner;
  readonly blockhash: string;
  readonly instructions: readonly Instruction[];
  /** With lookup tables the transaction is of version 0, otherwise legacy. */
  readonly lookupTables?: AddressesByLookupTableAddress;
}

/** Builds and signs a transaction with kit, and returns it as it would travel. */
export const signedTransaction = async ({
  payer,
  blockhash,
  instructions,
  lookupTables,
}: TransactionOptions): Promise<Uint8Array> => {
  const lifetime = { blockhash: blockhash as Blockhash, lastValidBlockHeight: 0n };
  if (lookupTables) {
    const message = pipe(
      createTransactionMessage({ version: 0 }),
      (m) => setTransactionMessageFeePayerSigner(payer, m),
      (m) => setTransactionMessageLifetimeUsingBlockhash(lifetime, m),
      (m) => appendTransactionMessageInstructions(instructions, m),
      (m) => compressTransactionMessageUsingAddressLookupTables(m, lookupTables),
    );
    return Uint8Array.from(getTransactionEncoder().encode(await signTransactionMessageWithSigners(message)));
  }
  const message = pipe(
    createTransactionMessage({ version: "legacy" }),
    (m) => setTransactionMessageFeePayerSigner(payer, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash(lifetime, m),
    (m) => appendTransactionMessageInstructions(instructions, m),
  );
  return Uint8Array.from(getTransactionEncoder().encode(await signTransactionMessageWithSigners(message)));
};
