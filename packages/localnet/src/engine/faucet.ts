import { toBase58 } from "../wire/base58.ts";
import { createSeedSigner } from "../wire/ed25519.ts";
import { encodeMessage, encodeTransaction } from "../wire/transaction.ts";
import { COMPUTE_BUDGET_PROGRAM } from "./fees.ts";

const SYSTEM_PROGRAM = "11111111111111111111111111111111";
/** Stays below 2^53, so that balances are exact in JSON read by JavaScript. */
export const FAUCET_LAMPORTS = 9_000_000_000_000_000n;
/** One airdrop; as much again stays with the faucet. */
export const AIRDROP_MAX_LAMPORTS = FAUCET_LAMPORTS / 2n;
const FAUCET_SEED = new TextEncoder().encode("commcoin localnet faucet keypair");
const BASE_UNIT_LIMIT = 10_000;
const UNIT_LIMITS = 1_000_000;

const transferData = (lamports: bigint): string => {
  const data = Buffer.alloc(12);
  data.writeUInt32LE(2);
  data.writeBigUInt64LE(lamports, 4);
  return toBase58(data);
};

/**
 * Signs airdrops. Two equal airdrops under one blockhash must not be one transaction, so each asks for another
 * compute unit limit, which costs nothing.
 */
export const createFaucet = () => {
  const signer = createSeedSigner(FAUCET_SEED);
  let count = 0;
  return {
    address: signer.address,
    airdrop: (recipient: string, lamports: bigint, recentBlockhash: string): Uint8Array => {
      count = (count + 1) % UNIT_LIMITS;
      const limit = Buffer.alloc(5, 2);
      limit.writeUInt32LE(BASE_UNIT_LIMIT + count, 1);
      const message = {
        header: { numRequiredSignatures: 1, numReadonlySignedAccounts: 0, numReadonlyUnsignedAccounts: 2 },
        accountKeys: [signer.address, recipient, SYSTEM_PROGRAM, COMPUTE_BUDGET_PROGRAM],
        recentBlockhash,
        instructions: [
          { programIdIndex: 3, accounts: [], data: toBase58(limit) },
          { programIdIndex: 2, accounts: [0, 1], data: transferData(lamports) },
        ],
      };
      const signature = toBase58(signer.sign(encodeMessage(message, "legacy")));
      return encodeTransaction({ signatures: [signature], message }, "legacy");
    },
  };
};
