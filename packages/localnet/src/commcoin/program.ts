import type { EmulatedProgram, InvocationContext } from "../engine/emulated-program.ts";
import { nameAccounts, requireSigner } from "./account-checks.ts";
import { failInstruction } from "./anchor-error.ts";
import { createCoin } from "./create-coin.ts";
import { type InstructionName, identifyInstruction } from "./discriminators.ts";
import { buy, sell } from "./trade.ts";

/** What the instructions do that only need somebody to sign them. */
const maintain = (context: InvocationContext): void => {
  requireSigner(context, nameAccounts(context, ["signer"]).signer);
  context.consume(3_000);
};

const HANDLERS: Record<InstructionName, (context: InvocationContext) => void> = {
  create_coin: createCoin,
  buy,
  sell,
  configure: maintain,
  extend_account: maintain,
  alloc_account: maintain,
  paint_account: maintain,
  rope_account: maintain,
};

/** `create_coin` → `CreateCoin`, the name that Anchor logs. */
const loggedName = (name: InstructionName): string =>
  name.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());

/**
 * The CommCoin bonding-curve launchpad, an Anchor program: accounts are checked and errors reported as Anchor does,
 * everything that moves coins or lamports goes through real calls, except for the lamports of a sale.
 */
export const commCoinProgram: EmulatedProgram = (context: InvocationContext): void => {
  const name = identifyInstruction(context.data);
  if (name === undefined) failInstruction(context, "InstructionFallbackNotFound");
  context.log(`Instruction: ${loggedName(name)}`);
  HANDLERS[name](context);
};
