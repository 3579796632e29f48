import { getStructCodec, getU64Codec, getU8Codec } from "@solana/kit";
import { BONDING_CURVE_STATE_DISCRIMINATOR } from "./discriminators.ts";

/** The curve's account as the program writes it at `create_coin`; a trade does not change it. */
export interface BondingCurveState {
  /** Lamports. */
  readonly virtualSolReserves: bigint;
  /** Token base units. */
  readonly virtualTokenReserves: bigint;
  readonly realSolReserves: bigint;
  readonly realTokenReserves: bigint;
  readonly tokenTotalSupply: bigint;
  readonly bump: number;
}

export const COIN_DECIMALS = 6;
/** Base units: 1,000,000,000 coins with six decimals. */
export const COIN_SUPPLY = 1_000_000_000n * 10n ** BigInt(COIN_DECIMALS);
/** Lamports: 29.916123 SOL. */
export const INITIAL_VIRTUAL_SOL_RESERVES = 29_916_123_000n;

export const BONDING_CURVE_STATE_BYTES = 49;

const fields = getStructCodec([
  ["virtualSolReserves", getU64Codec()],
  ["virtualTokenReserves", getU64Codec()],
  ["realSolReserves", getU64Codec()],
  ["realTokenReserves", getU64Codec()],
  ["tokenTotalSupply", getU64Codec()],
  ["bump", getU8Codec()],
]);

/** State of a curve that was just created. */
export const initialBondingCurveState = (bump: number): BondingCurveState => ({
  virtualSolReserves: INITIAL_VIRTUAL_SOL_RESERVES,
  virtualTokenReserves: COIN_SUPPLY,
  realSolReserves: 0n,
  realTokenReserves: COIN_SUPPLY,
  tokenTotalSupply: COIN_SUPPLY,
  bump,
});

export const encodeBondingCurveState = (state: BondingCurveState): Uint8Array => {
  const data = new Uint8Array(BONDING_CURVE_STATE_BYTES);
  data.set(BONDING_CURVE_STATE_DISCRIMINATOR);
  data.set(fields.encode(state), BONDING_CURVE_STATE_DISCRIMINATOR.length);
  return data;
};

/** Reads a curve's account; null when its size or discriminator is another's. */
export const decodeBondingCurveState = (data: Uint8Array): BondingCurveState | null => {
  if (data.length !== BONDING_CURVE_STATE_BYTES) return null;
  if (!BONDING_CURVE_STATE_DISCRIMINATOR.every((byte, index) => data[index] === byte)) return null;
  return fields.decode(data, BONDING_CURVE_STATE_DISCRIMINATOR.length);
};
