import {
  type Blockhash,
  type Instruction,
  type KeyPairSigner,
  address,
  appendTransactionMessageInstructions,
  createTransactionMessage,
  getTransactionEncoder,
  pipe,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
} from "@solana/kit";
import type { Decision } from "./action.ts";

/** Instructions of one transaction, with their signers attached, and who pays for it. */
export interface Composed {
  readonly payer: KeyPairSigner;
  readonly instructions: readonly Instruction[];
}

const COMPUTE_BUDGET_PROGRAM_ADDRESS = address("ComputeBudget111111111111111111111111111111");
/** `SetComputeUnitPrice { micro_lamports: u64 }`. */
const SET_COMPUTE_UNIT_PRICE = 3;

const computeUnitPrice = (microLamports: number): Instruction => {
  const data = new Uint8Array(9);
  data[0] = SET_COMPUTE_UNIT_PRICE;
  new DataView(data.buffer).setBigUint64(1, BigInt(microLamports), true);
  return { programAddress: COMPUTE_BUDGET_PROGRAM_ADDRESS, accounts: [], data };
};

/** Signs a transaction and returns it as `sendTransaction` takes it. */
export const signTransaction = async (
  { payer, instructions }: Composed,
  { version, priorityFee }: Pick<Decision, "version" | "priorityFee">,
  blockhash: string,
): Promise<Uint8Array> => {
  const all = priorityFee === null ? instructions : [computeUnitPrice(priorityFee), ...instructions];
  const message = pipe(
    createTransactionMessage({ version }),
    (m) => setTransactionMessageFeePayerSigner(payer, m),
    (m) =>
      setTransactionMessageLifetimeUsingBlockhash(
        { blockhash: blockhash as Blockhash, lastValidBlockHeight: 0n },
        m,
      ),
    (m) => appendTransactionMessageInstructions(all, m),
  );
  return new Uint8Array(getTransactionEncoder().encode(await signTransactionMessageWithSigners(message)));
};
