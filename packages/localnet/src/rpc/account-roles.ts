import { accountKeysOf, loadedAddressesOf } from "../ledger/block.ts";
import type { ExecutedTransaction, JsonTransaction } from "../ledger/transaction.ts";

const UPGRADEABLE_LOADER = "BPFLoaderUpgradeab1e11111111111111111111111";

/** Keys that no transaction may write, whatever it says: `ReservedAccountKeys` of the Solana SDK. */
const RESERVED: ReadonlySet<string> = new Set([
  "11111111111111111111111111111111",
  "AddressLookupTab1e1111111111111111111111111",
  "BPFLoader1111111111111111111111111111111111",
  "BPFLoader2111111111111111111111111111111111",
  UPGRADEABLE_LOADER,
  "ComputeBudget111111111111111111111111111111",
  "Config1111111111111111111111111111111111111",
  "Ed25519SigVerify111111111111111111111111111",
  "Feature111111111111111111111111111111111111",
  "KeccakSecp256k11111111111111111111111111111",
  "LoaderV411111111111111111111111111111111111",
  "NativeLoader1111111111111111111111111111111",
  "Secp256r1SigVerify1111111111111111111111111",
  "Stake11111111111111111111111111111111111111",
  "StakeConfig11111111111111111111111111111111",
  "Sysvar1111111111111111111111111111111111111",
  "Sysvar1nstructions1111111111111111111111111",
  "SysvarC1ock11111111111111111111111111111111",
  "SysvarEpochRewards1111111111111111111111111",
  "SysvarEpochSchedu1e111111111111111111111111",
  "SysvarFees111111111111111111111111111111111",
  "SysvarLastRestartS1ot1111111111111111111111",
  "SysvarRecentB1ockHashes11111111111111111111",
  "SysvarRent111111111111111111111111111111111",
  "SysvarRewards111111111111111111111111111111",
  "SysvarS1otHashes111111111111111111111111111",
  "SysvarS1otHistory11111111111111111111111111",
  "SysvarStakeHistory1111111111111111111111111",
  "Vote111111111111111111111111111111111111111",
  "ZkE1Gama1Proof11111111111111111111111111111",
  "ZkTokenProof1111111111111111111111111111111",
]);

/** Whether the header alone makes one of a message's own keys writable. */
const isWritableByHeader = (message: JsonTransaction["message"], index: number): boolean => {
  const { numRequiredSignatures: signers, ...header } = message.header;
  return index < signers
    ? index < signers - header.numReadonlySignedAccounts
    : index < message.accountKeys.length - header.numReadonlyUnsignedAccounts;
};

/** Whether the runtime makes a key read-only in spite of the header: reserved, or called as a program. */
const isDemoted = (message: JsonTransaction["message"], keys: readonly string[], index: number): boolean =>
  RESERVED.has(keys[index] ?? "") ||
  (!keys.includes(UPGRADEABLE_LOADER) &&
    message.instructions.some((instruction) => instruction.programIdIndex === index));

/** Roles of a transaction's accounts as answers show them. */
export const accountRoles = (executed: ExecutedTransaction) => {
  const { message } = executed.transaction;
  const keys = accountKeysOf(executed);
  const own = message.accountKeys.length;
  const loadedWritable = loadedAddressesOf(executed).writable.length;
  return {
    isSigner: (index: number): boolean => index < message.header.numRequiredSignatures,
    isWritable: (index: number): boolean =>
      (index < own ? isWritableByHeader(message, index) : index < own + loadedWritable) &&
      !isDemoted(message, keys, index),
  };
};
