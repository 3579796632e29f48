/** What trading needs to know of a mint. */
export interface MintState {
  /** Base units. */
  readonly supply: bigint;
  readonly decimals: number;
}

const MINT_BYTES = 82;
const SUPPLY_OFFSET = 36;
const DECIMALS_OFFSET = 44;
const INITIALIZED_OFFSET = 45;
/** A Token-2022 account with extensions is padded to the size of a token account, then tells what it is. */
export const ACCOUNT_TYPE_OFFSET = 165;
const ACCOUNT_TYPE_MINT = 1;
/** A multisig has neither; the program never makes a mint of this size. */
const MULTISIG_BYTES = 355;

/**
 * Reads a mint of the Token program or of Token-2022
 * (https://github.com/solana-program/token/blob/main/interface/src/state.rs); null when it is another account, or
 * not initialized.
 */
export function decodeMint(data: Uint8Array): MintState | null {
  const isExtended = data.length !== MULTISIG_BYTES && data[ACCOUNT_TYPE_OFFSET] === ACCOUNT_TYPE_MINT;
  if ((data.length !== MINT_BYTES && !isExtended) || data[INITIALIZED_OFFSET] !== 1) return null;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return { supply: view.getBigUint64(SUPPLY_OFFSET, true), decimals: view.getUint8(DECIMALS_OFFSET) };
}
