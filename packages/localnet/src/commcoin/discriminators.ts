import { createHash } from "node:crypto";

/** Anchor's eight bytes in front of instruction data (`global:<name>`) and account data (`account:<Name>`). */
const anchorDiscriminator = (preimage: string): Uint8Array =>
  new Uint8Array(createHash("sha256").update(preimage).digest().subarray(0, 8));

/** The instructions of the CommCoin program. */
export const INSTRUCTION_NAMES = [
  "create_coin",
  "buy",
  "sell",
  "configure",
  "extend_account",
  "alloc_account",
  "paint_account",
  "rope_account",
] as const;

export type InstructionName = (typeof INSTRUCTION_NAMES)[number];

const DISCRIMINATORS: ReadonlyMap<InstructionName, Uint8Array> = new Map(
  INSTRUCTION_NAMES.map((name) => [name, anchorDiscriminator(`global:${name}`)]),
);

const NAMES: ReadonlyMap<string, InstructionName> = new Map(
  INSTRUCTION_NAMES.map((name) => [Buffer.from(anchorDiscriminator(`global:${name}`)).toString("hex"), name]),
);

export const instructionDiscriminator = (name: InstructionName): Uint8Array =>
  DISCRIMINATORS.get(name) ?? anchorDiscriminator(`global:${name}`);

/** The instruction that `data` calls, or undefined when the program has none with that discriminator. */
export const identifyInstruction = (data: Uint8Array): InstructionName | undefined =>
  NAMES.get(Buffer.from(data.subarray(0, 8)).toString("hex"));

export const BONDING_CURVE_STATE_DISCRIMINATOR = anchorDiscriminator("account:BondingCurveState");
export const VAULT_CONFIG_DISCRIMINATOR = anchorDiscriminator("account:VaultConfig");
