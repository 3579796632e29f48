import type { InvocationContext } from "../engine/emulated-program.ts";

/** Errors that Anchor raises before a handler runs: code and message as in anchor-lang's `error.rs`. */
const FRAMEWORK_ERRORS = {
  InstructionFallbackNotFound: [101, "Fallback functions are not supported"],
  InstructionDidNotDeserialize: [102, "The program could not deserialize the given instruction"],
  ConstraintMut: [2000, "A mut constraint was violated"],
  ConstraintSeeds: [2006, "A seeds constraint was violated"],
  ConstraintAssociated: [2009, "An associated constraint was violated"],
  ConstraintTokenMint: [2014, "A token mint constraint was violated"],
  ConstraintTokenOwner: [2015, "A token owner constraint was violated"],
  AccountDiscriminatorMismatch: [3002, "Account discriminator did not match what was expected"],
  AccountNotEnoughKeys: [3005, "Not enough account keys given to the instruction"],
  AccountOwnedByWrongProgram: [3007, "The given account is owned by a different program than expected"],
  InvalidProgramId: [3008, "Program ID was not as expected"],
  AccountNotSigner: [3010, "The given account did not sign"],
  AccountNotInitialized: [3012, "The program expected this account to be already initialized"],
  AccountSysvarMismatch: [3015, "The given public key does not match the required sysvar"],
} as const;

/** Errors of the program's own: Anchor numbers them from 6000. */
const PROGRAM_ERRORS = {
  InsufficientSolReserves: [6000, "The curve does not hold that many lamports above its rent"],
} as const;

type FrameworkErrorName = keyof typeof FRAMEWORK_ERRORS;
type ProgramErrorName = keyof typeof PROGRAM_ERRORS;

const describe = (name: string, code: number, message: string): string =>
  `Error Code: ${name}. Error Number: ${code}. Error Message: ${message}.`;

/** Ends the instruction as Anchor does outside of any account, e.g. for an unknown discriminator. */
export function failInstruction(context: InvocationContext, name: FrameworkErrorName): never {
  const [code, message] = FRAMEWORK_ERRORS[name];
  context.log(`AnchorError occurred. ${describe(name, code, message)}`);
  context.fail(code);
}

/** Ends the instruction because of `account`; `values` are what was found and what was expected. */
export function failAccount(
  context: InvocationContext,
  name: FrameworkErrorName,
  account: string,
  values?: readonly [found: string, expected: string],
): never {
  const [code, message] = FRAMEWORK_ERRORS[name];
  context.log(`AnchorError caused by account: ${account}. ${describe(name, code, message)}`);
  if (values !== undefined) {
    context.log("Left:");
    context.log(values[0]);
    context.log("Right:");
    context.log(values[1]);
  }
  context.fail(code);
}

/** Ends the instruction with an error of the program's own handler. */
export function failHandler(context: InvocationContext, name: ProgramErrorName): never {
  const [code, message] = PROGRAM_ERRORS[name];
  context.log(`AnchorError occurred. ${describe(name, code, message)}`);
  context.fail(code);
}
