import type { DecodedInstruction } from "@commcoin/protocol";
import { formatUnits } from "../decimal.ts";
import type { InstructionCursor } from "../instruction-cursor.ts";
import { layout, readLayout, type InstructionLayout } from "../instruction-layout.ts";
import { unknownInstruction } from "../instruction-sink.ts";

/** Of every coin. */
export const COIN_DECIMALS = 6;
/** Base units, of every coin. */
export const COIN_SUPPLY = 1_000_000_000_000_000n;
/** Lamports: what a curve pretends to hold when it is created, which sets the initial price. */
export const INITIAL_VIRTUAL_SOL = 29_916_123_000n;

/**
 * Instructions of the CommCoin program, by the first eight bytes of sha256("global:<name>"). The last four are
 * told by name only.
 */
const LAYOUTS: ReadonlyMap<bigint, InstructionLayout> = new Map([
  [0xd0552225ebb66f4en, layout("create_coin", "creator - mint - - bonding_curve -")],
  [
    0x66063d1201daebean,
    layout("buy", "user mint bonding_curve - -", { token_amount: "amount", max_sol_cost: "sol" }),
  ],
  [
    0x33e685a4017f83adn,
    layout("sell", "user mint bonding_curve - -", { token_amount: "amount", max_sol_cost: "sol" }),
  ],
  [0xf5076c755fc436d9n, layout("configure", "")],
  [0xea66c2cb96483ee5n, layout("extend_account", "")],
  [0x27648dcb34b895a6n, layout("alloc_account", "")],
  [0x524f44090649dd56n, layout("paint_account", "")],
  [0xacd1c0eccc91a8c6n, layout("rope_account", "")],
]);

const VAULT_PLACE = 3;

/** A `buy` or `sell` as it was asked for; what it moved is found out from the whole transaction. */
export interface RequestedTrade {
  readonly side: "buy" | "sell";
  readonly instruction: DecodedInstruction;
  readonly user: string;
  readonly mint: string;
  readonly bondingCurve: string;
  /** The curve's token account. */
  readonly vault: string;
  /** Base units that the instruction asks to move. */
  readonly requested: bigint;
}

export interface CommcoinInstruction {
  readonly instruction: DecodedInstruction;
  readonly trade: RequestedTrade | null;
}

/** Decodes an instruction of the CommCoin program; `unknown` when it has none with that discriminator. */
export function decodeCommcoinInstruction(cursor: InstructionCursor, programId: string): CommcoinInstruction {
  const layout = LAYOUTS.get(cursor.discriminator());
  const read = layout === undefined || !cursor.ok ? null : readLayout(cursor, programId, layout);
  if (read === null) return { instruction: unknownInstruction(programId), trade: null };
  const { instruction, pending } = read;
  const { kind } = instruction;
  const requested = pending[0]?.value;
  if ((kind !== "buy" && kind !== "sell") || requested === undefined) return { instruction, trade: null };
  instruction["token_amount"] = formatUnits(requested, COIN_DECIMALS);
  const trade: RequestedTrade = {
    side: kind,
    instruction,
    user: cursor.account(0),
    mint: cursor.account(1),
    bondingCurve: cursor.account(2),
    vault: cursor.account(VAULT_PLACE),
    requested,
  };
  return { instruction, trade };
}
