import {
  type Instruction,
  type KeyPairSigner,
  address,
  getSignersFromInstruction,
  isKeyPairSigner,
  signBytes,
} from "@solana/kit";
import { programInstruction } from "../commcoin/calls.ts";
import { compileMessage } from "../wire/compile-message.ts";
import { encodeMessage, encodeTransaction } from "../wire/transaction.ts";
import { toBase58 } from "../wire/base58.ts";
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
  const message = compileMessage(payer.address, all.map(programInstruction), blockhash);
  const bytes = encodeMessage(message, version);
  const attached = [payer, ...all.flatMap((instruction) => getSignersFromInstruction(instruction))];
  const sign = async (signer: string): Promise<string> => {
    const found = attached.find(({ address }) => address === signer);
    if (!found || !isKeyPairSigner(found)) throw new Error(`Nobody signs for ${signer}`);
    return toBase58(await signBytes(found.keyPair.privateKey, bytes));
  };
  const { numRequiredSignatures } = message.header;
  const signatures = await Promise.all(message.accountKeys.slice(0, numRequiredSignatures).map(sign));
  return encodeTransaction({ signatures, message }, version);
};
