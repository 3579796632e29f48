import {
  AccountRole,
  type Address,
  type Instruction,
  type InstructionWithAccounts,
  type InstructionWithData,
  type AccountMeta,
  getStructCodec,
  getU64Codec,
} from "@solana/kit";
import {
  ASSOCIATED_TOKEN_PROGRAM_ADDRESS,
  COMMCOIN_PROGRAM_ADDRESS,
  RENT_SYSVAR_ADDRESS,
  SYSTEM_PROGRAM_ADDRESS,
  TOKEN_PROGRAM_ADDRESS,
} from "./addresses.ts";
import { type InstructionName, instructionDiscriminator } from "./discriminators.ts";
import {
  findAssociatedToken,
  findBondingCurve,
  findMintAuthority,
  findVault,
  findVaultTokenAccount,
} from "./pda.ts";

/** An instruction with everything filled in; signers are named by role, not attached. */
export type BuiltInstruction = Instruction &
  InstructionWithAccounts<readonly AccountMeta[]> &
  InstructionWithData<Uint8Array>;

/** Arguments of `buy` and `sell`. */
export interface TradeArguments {
  /** Token base units. */
  readonly amount: bigint;
  /** Lamports; today the program moves all of it. */
  readonly maxSolCost: bigint;
}

const tradeArguments = getStructCodec([
  ["amount", getU64Codec()],
  ["maxSolCost", getU64Codec()],
]);

/** Bytes of discriminator and arguments of `buy` and `sell`. */
export const TRADE_DATA_BYTES = 24;

const concat = (...parts: readonly ArrayLike<number>[]): Uint8Array => {
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
};

const encodeTrade = (kind: "buy" | "sell", trade: TradeArguments): Uint8Array =>
  concat(instructionDiscriminator(kind), tradeArguments.encode(trade));

/** @throws when `data` is shorter than {@link TRADE_DATA_BYTES}. */
export const decodeTrade = (data: Uint8Array): TradeArguments => tradeArguments.decode(data, 8);

const readonly = (address: Address): AccountMeta => ({ address, role: AccountRole.READONLY });
const writable = (address: Address): AccountMeta => ({ address, role: AccountRole.WRITABLE });
const writableSigner = (address: Address): AccountMeta => ({ address, role: AccountRole.WRITABLE_SIGNER });

/** Creates a coin on its curve. `creator` pays; both `creator` and `mint` sign. */
export const createCoinInstruction = (
  creator: Address,
  mint: Address,
  programAddress: Address = COMMCOIN_PROGRAM_ADDRESS,
): BuiltInstruction => {
  const bondingCurve = findBondingCurve(mint, programAddress).address;
  return {
    programAddress,
    accounts: [
      writableSigner(creator),
      readonly(findMintAuthority(programAddress).address),
      writableSigner(mint),
      writable(findVault(mint, programAddress).address),
      writable(findVaultTokenAccount(mint, programAddress).address),
      writable(bondingCurve),
      writable(findAssociatedToken(bondingCurve, mint).address),
      readonly(TOKEN_PROGRAM_ADDRESS),
      readonly(ASSOCIATED_TOKEN_PROGRAM_ADDRESS),
      readonly(SYSTEM_PROGRAM_ADDRESS),
      readonly(RENT_SYSVAR_ADDRESS),
    ],
    data: instructionDiscriminator("create_coin"),
  };
};

const tradeInstruction = (
  kind: "buy" | "sell",
  user: Address,
  mint: Address,
  trade: TradeArguments,
  programAddress: Address,
): BuiltInstruction => {
  const bondingCurve = findBondingCurve(mint, programAddress).address;
  return {
    programAddress,
    accounts: [
      writableSigner(user),
      readonly(mint),
      writable(bondingCurve),
      writable(findAssociatedToken(bondingCurve, mint).address),
      writable(findAssociatedToken(user, mint).address),
      readonly(TOKEN_PROGRAM_ADDRESS),
      readonly(SYSTEM_PROGRAM_ADDRESS),
      readonly(programAddress),
      readonly(RENT_SYSVAR_ADDRESS),
    ],
    data: encodeTrade(kind, trade),
  };
};

/** Buys from the curve. The user's associated token account has to exist. */
export const buyInstruction = (
  user: Address,
  mint: Address,
  trade: TradeArguments,
  programAddress: Address = COMMCOIN_PROGRAM_ADDRESS,
): BuiltInstruction => tradeInstruction("buy", user, mint, trade, programAddress);

/** Sells to the curve. */
export const sellInstruction = (
  user: Address,
  mint: Address,
  trade: TradeArguments,
  programAddress: Address = COMMCOIN_PROGRAM_ADDRESS,
): BuiltInstruction => tradeInstruction("sell", user, mint, trade, programAddress);

/**
 * The instructions whose accounts and arguments the program's description leaves open: the signer comes first,
 * `payload` (the configuration of `configure`) is passed on as it is.
 */
export const maintenanceInstruction = (
  name: Exclude<InstructionName, "create_coin" | "buy" | "sell">,
  signer: Address,
  accounts: readonly AccountMeta[] = [],
  payload: Uint8Array = new Uint8Array(0),
  programAddress: Address = COMMCOIN_PROGRAM_ADDRESS,
): BuiltInstruction => ({
  programAddress,
  accounts: [writableSigner(signer), ...accounts],
  data: concat(instructionDiscriminator(name), payload),
});
