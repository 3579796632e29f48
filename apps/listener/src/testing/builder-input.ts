import * as fc from "fast-check";
import { encodeBase58 } from "../decode/base58.ts";

/** Every name under which a builder of the token and System clients takes an account or an address. */
const ADDRESSES = [
  "account",
  "ata",
  "authority",
  "auditorElgamalPubkey",
  "base",
  "baseAccount",
  "closeAuthority",
  "delegate",
  "destination",
  "destinationToken",
  "elgamalRegistry",
  "equalityRecord",
  "feeReceiver",
  "freezeAuthority",
  "fromOwner",
  "group",
  "groupAddress",
  "groupMemberPointerAuthority",
  "groupPointerAuthority",
  "groupUpdateAuthority",
  "instructionsSysvar",
  "instructionsSysvarOrContextState",
  "member",
  "memberAddress",
  "memberMint",
  "memberMintAuthority",
  "metadata",
  "metadataAddress",
  "metadataPointerAuthority",
  "mint",
  "mintAuthority",
  "multisig",
  "nativeMint",
  "newAccount",
  "newAuthority",
  "newNonceAuthority",
  "newSupplyElgamalPubkey",
  "newUpdateAuthority",
  "nonceAccount",
  "nonceAuthority",
  "owned",
  "owner",
  "payer",
  "permissionedBurnAuthority",
  "programAddress",
  "programId",
  "rateAuthority",
  "recipientAccount",
  "source",
  "sourceToken",
  "supplyElgamalPubkey",
  "token",
  "transferFeeConfigAuthority",
  "updateAuthority",
  "withdrawWithheldAuthority",
  "withdrawWithheldAuthorityElGamalPubkey",
] as const;

const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const i8 = fc.integer({ min: -128, max: 127 });
const ciphertext = fc.uint8Array({ minLength: 64, maxLength: 64 });
const decryptable = fc.uint8Array({ minLength: 36, maxLength: 36 });
const text = fc.string({ maxLength: 40, unit: "grapheme" }).filter((value) => !value.includes("\0"));

/** An address that is not the System program's: all zeros mean none in some instructions. */
export const anyAddress = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => encodeBase58(bytes.fill(1, 31)));

const addresses = fc
  .array(anyAddress, { minLength: ADDRESSES.length, maxLength: ADDRESSES.length })
  .map((values) => Object.fromEntries(ADDRESSES.map((name, index) => [name, values[index]])));

const values = fc.record({
  amount: u64,
  autoApproveNewAccounts: fc.boolean(),
  decimals: fc.nat({ max: 255 }),
  effectiveTimestamp: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  authorityType: fc.nat({ max: 3 }),
  expectedPendingBalanceCreditCounter: u64,
  fee: u64,
  field: fc.oneof(
    fc.constantFrom({ __kind: "Name" }, { __kind: "Symbol" }, { __kind: "Uri" }),
    text.map((key) => ({ __kind: "Key", fields: [key] })),
  ),
  fromSeed: text,
  idempotent: fc.boolean(),
  key: text,
  lamports: u64,
  m: fc.nat({ max: 255 }),
  maxSize: u64,
  maximumFee: u64,
  maximumPendingBalanceCreditCounter: u64,
  multiplier: fc.double({ noNaN: true }),
  name: text,
  newExtensionTypes: fc.constant([]),
  numTokenAccounts: fc.nat({ max: 255 }),
  rate: fc.integer({ min: -32_768, max: 32_767 }),
  seed: text,
  signers: fc.array(anyAddress, { minLength: 1, maxLength: 5 }),
  sources: fc.array(anyAddress, { minLength: 1, maxLength: 5 }),
  space: u64,
  state: fc.nat({ max: 2 }),
  symbol: text,
  transferFeeBasisPoints: fc.nat({ max: 65_535 }),
  uiAmount: text,
  uri: text,
  value: text,
  withdrawAmount: u64,
});

const confidential = fc
  .record({ ciphertext, decryptable, offset: i8 })
  .map(({ ciphertext, decryptable, offset }) => ({
    burnAmountAuditorCiphertextHi: ciphertext,
    burnAmountAuditorCiphertextLo: ciphertext,
    ciphertextValidityProofInstructionOffset: offset,
    decryptableSupply: decryptable,
    decryptableZeroBalance: decryptable,
    equalityProofInstructionOffset: offset,
    feeCiphertextValidityProofInstructionOffset: offset,
    feeSigmaProofInstructionOffset: offset,
    mintAmountAuditorCiphertextHi: ciphertext,
    mintAmountAuditorCiphertextLo: ciphertext,
    newDecryptableAvailableBalance: decryptable,
    newDecryptableSupply: decryptable,
    newSourceDecryptableAvailableBalance: decryptable,
    proofInstructionOffset: offset,
    rangeProofInstructionOffset: offset,
    transferAmountAuditorCiphertextHi: ciphertext,
    transferAmountAuditorCiphertextLo: ciphertext,
    transferAmountCiphertextValidityProofInstructionOffset: offset,
  }));

/** Input that any builder of these clients takes what it needs from. */
export const builderInput = fc
  .tuple(addresses, values, confidential)
  .map(([accounts, values, hidden]): Record<string, unknown> => ({ ...accounts, ...values, ...hidden }));
