import * as system from "@solana-program/system";
import * as token from "@solana-program/token";
import * as token2022 from "@solana-program/token-2022";
import type { DecodedInstruction } from "@commcoin/protocol";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { builderInput } from "../../testing/builder-input.ts";
import { type BuiltInstruction, decodeBuilt, snakeCase } from "../../testing/decode-built.ts";
import { formatSol, formatUnits } from "../decimal.ts";

/** What the published client reads back from an instruction: the oracle. */
interface Parsed {
  readonly accounts?: Readonly<Record<string, { readonly address: string } | undefined>>;
  readonly data: Readonly<Record<string, unknown>>;
}

const clients: Readonly<Record<string, Readonly<Record<string, unknown>>>> = { system, token, token2022 };

const call = (client: string, name: string, input: unknown): unknown => {
  const callable = clients[client]?.[name];
  if (typeof callable !== "function") throw new Error(`${client} has no ${name}`);
  return callable(input) as unknown;
};

/** Our kind, where it is not the client's name in snake case. */
const KINDS: Readonly<Record<string, string>> = {
  advance_nonce_account: "advance_nonce",
  withdraw_nonce_account: "withdraw_from_nonce",
  initialize_nonce_account: "initialize_nonce",
  authorize_nonce_account: "authorize_nonce",
  upgrade_nonce_account: "upgrade_nonce",
  transfer_sol: "transfer",
  transfer_sol_with_seed: "transfer_with_seed",
};

/** The client's names for what a field of ours holds, beside its own in camel case; the first that exists counts. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  account: ["token", "newAccount", "account", "owned"],
  authority: [
    "owner",
    "metadataPointerAuthority",
    "groupPointerAuthority",
    "groupMemberPointerAuthority",
    "authority",
  ],
  destination: ["destinationToken", "recipientAccount"],
  freeze_authority: ["freezeAuthority", "owner"],
  hook_program_id: ["programId"],
  mint: ["mint", "owned"],
  new_authorized: ["newNonceAuthority"],
  owner: ["programAddress"],
  sol_amount: ["lamports", "amount", "withdrawAmount"],
  source: ["sourceToken", "payer"],
  source_base: ["baseAccount"],
  source_owner: ["fromOwner"],
  source_seed: ["fromSeed"],
};

/** Fields of the client that we leave out: proofs and ciphertexts, and what is no information. */
const LEFT_OUT =
  /discriminator|ciphertext|proof|decryptable|elgamal|PendingBalance|^newExtensionTypes$|^(start|end)$/i;

const ACCOUNT_STATES = ["uninitialized", "initialized", "frozen"];

function normalize(name: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (name === "multiplier") return String(value);
  if (name === "state") return ACCOUNT_STATES[Number(value)];
  if (name === "authorityType") return snakeCase(token2022.AuthorityType[Number(value)] ?? "");
  if (typeof value !== "object" || value === null) return value;
  const record = value as Readonly<Record<string, unknown>>;
  if (record["__option"] === "None") return null;
  if (record["__option"] === "Some") return normalize(name, record["value"]);
  if (record["__kind"] === "Key") return (record["fields"] as readonly string[])[0];
  if (typeof record["__kind"] === "string") return record["__kind"].toLowerCase();
  return record["address"];
}

const camelCase = (name: string): string => name.replaceAll(/_./g, (match) => match.slice(1).toUpperCase());

const TOKEN_FIELDS: ReadonlySet<string> = new Set(["amount", "fee", "maximum_fee"]);

function inWholeUnits(field: string, value: unknown, decimals: unknown): unknown {
  if (field === "sol_amount") return formatSol(BigInt(String(value)));
  return TOKEN_FIELDS.has(field) ? formatUnits(BigInt(String(value)), Number(decimals)) : value;
}

/** Checks every field of ours against the client's reading, and that none of the client's data fields is missing. */
function expectSame(ours: DecodedInstruction, { accounts = {}, data }: Parsed): void {
  const used = new Set<string>();
  const find = (names: readonly string[]): unknown => {
    const name = names.find((candidate) => candidate in data || accounts[candidate] !== undefined);
    expect(name, `${names.join(" or ")} in ${JSON.stringify(ours)}`).toBeDefined();
    used.add(name ?? "");
    return name === undefined ? undefined : normalize(name, name in data ? data[name] : accounts[name]);
  };
  for (const [field, value] of Object.entries(ours)) {
    if (field === "program_id" || field === "kind") continue;
    if (Array.isArray(value)) continue;
    const plain = field.startsWith("raw_") ? field.slice(4) : field;
    const theirs = find([...(ALIASES[plain] ?? []), camelCase(plain)]);
    expect(value, field).toEqual(inWholeUnits(field, theirs, data["decimals"]));
    if (TOKEN_FIELDS.has(field)) used.add("decimals");
  }
  const missing = Object.keys(data).filter((name) => !used.has(name) && !LEFT_OUT.test(name));
  expect(missing).toEqual([]);
}

const namesOf = (instructions: object): readonly string[] =>
  Object.keys(instructions).filter((name) => Number.isNaN(Number(name)) && name !== "Batch");

const cases = [
  ...namesOf(system.SystemInstruction).map((name) => ["system", name] as const),
  ...namesOf(token.TokenInstruction).map((name) => ["token", name] as const),
  ...namesOf(token2022.Token2022Instruction).map((name) => ["token2022", name] as const),
];

describe("instructions that the published clients build", () => {
  it("are all of them", () => {
    expect(cases.length).toBeGreaterThan(138);
  });

  it.each(cases)("%s %s", (client, name) => {
    fc.assert(
      fc.property(builderInput, (input) => {
        const built = call(client, `get${name}Instruction`, input) as BuiltInstruction;
        const [ours, ...more] = decodeBuilt([built]);
        expect(more).toEqual([]);
        expect(ours?.program_id).toBe(built.programAddress);
        expect(ours?.kind).toBe(KINDS[snakeCase(name)] ?? snakeCase(name));
        if (ours !== undefined) expectSame(ours, call(client, `parse${name}Instruction`, built) as Parsed);
      }),
      { numRuns: 10 },
    );
  });

  it.each(cases)("%s %s is unknown when its accounts or data are cut off", (client, name) => {
    fc.assert(
      fc.property(builderInput, fc.nat(), fc.nat(), (input, cutAccounts, cutData) => {
        const built = call(client, `get${name}Instruction`, input) as BuiltInstruction;
        const { accounts = [], data = [] } = built;
        const decoded = decodeBuilt([
          { ...built, accounts: accounts.slice(0, cutAccounts % (accounts.length + 1)) },
          { ...built, data: Array.from(data).slice(0, cutData % (data.length + 1)) },
          { ...built, accounts: [], data: [] },
        ]);
        expect(decoded).toHaveLength(3);
        expect(decoded[2]).toEqual({ program_id: built.programAddress, kind: "unknown" });
        for (const { kind } of decoded.slice(0, 2)) {
          expect([KINDS[snakeCase(name)] ?? snakeCase(name), "unknown"]).toContain(kind);
        }
      }),
      { numRuns: 5 },
    );
  });
});
