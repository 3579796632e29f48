import type { DecodedInstruction } from "@commcoin/protocol";
import { SYSTEM_PROGRAM, TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from "./programs/addresses.ts";

/**
 * Lamports that a System instruction adds to an account; negative when it takes them away.
 * @param amount what the instruction moves; null when it moves none.
 */
export function lamportsInto(
  account: string,
  instruction: DecodedInstruction,
  amount: bigint | null,
): bigint {
  if (amount === null || instruction.program_id !== SYSTEM_PROGRAM) return 0n;
  const { source, nonce_account: nonce, destination, new_account: created } = instruction;
  let into = 0n;
  if (destination === account || created === account) into += amount;
  if (source === account || nonce === account) into -= amount;
  return into;
}

/**
 * Base units that a token instruction adds to a token account, transfer fees aside; negative when it takes them
 * away.
 * @param amount what the instruction moves; null when it moves none or does not say how much.
 */
export function tokensInto(account: string, instruction: DecodedInstruction, amount: bigint | null): bigint {
  const { program_id: program } = instruction;
  if (amount === null || (program !== TOKEN_PROGRAM && program !== TOKEN_2022_PROGRAM)) return 0n;
  switch (instruction.kind) {
    case "transfer":
    case "transfer_checked":
    case "transfer_checked_with_fee": {
      const gained = instruction["destination"] === account ? amount : 0n;
      return instruction["source"] === account ? gained - amount : gained;
    }
    case "mint_to":
    case "mint_to_checked":
    case "confidential_withdraw":
      return instruction["account"] === account ? amount : 0n;
    case "burn":
    case "burn_checked":
    case "permissioned_burn":
    case "permissioned_burn_checked":
    case "confidential_deposit":
      return instruction["account"] === account ? -amount : 0n;
    case "unwrap_lamports":
      return instruction["source"] === account ? -amount : 0n;
    default:
      return 0n;
  }
}
