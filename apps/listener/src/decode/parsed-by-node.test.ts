import { describe, expect, it } from "vitest";
import { readRecorded } from "../testing/recorded-transactions.ts";
import { snakeCase } from "../testing/decode-built.ts";
import { findTestData } from "../testing/test-data.ts";
import { createTransactionDecoder } from "./decode-transaction.ts";
import { LISTED_PROGRAMS } from "./listed-programs.ts";

const folder = findTestData();
const suffix = folder === null ? " (skipped: no recorded data, see COMMCOIN_TEST_DATA)" : "";

interface ParsedInstruction {
  readonly programId: string;
  readonly parsed?: { readonly type: string; readonly info: Readonly<Record<string, unknown>> };
}

interface ParsedTransaction {
  readonly transaction: {
    readonly signatures: readonly string[];
    readonly message: { readonly instructions: readonly ParsedInstruction[] };
  };
  readonly meta: {
    readonly innerInstructions:
      | readonly { readonly index: number; readonly instructions: readonly ParsedInstruction[] }[]
      | null;
  };
}

/** What the node itself made of each listed instruction, in execution order. */
function readByNode({ transaction, meta }: ParsedTransaction): readonly ParsedInstruction[] {
  return transaction.message.instructions
    .flatMap((outer, index) => [
      outer,
      ...(meta.innerInstructions?.find((inner) => inner.index === index)?.instructions ?? []),
    ])
    .filter(({ programId, parsed }) => LISTED_PROGRAMS.includes(programId) && parsed !== undefined);
}

describe.skipIf(folder === null)(`transactions that a node parsed as well${suffix}`, () => {
  const decode = createTransactionDecoder({
    commcoinProgramId: "6YuHH4kveCrEeEtVKM2nh18zU4XWFpEWqV8f5GbhdnzX",
  });
  const entries =
    folder === null
      ? []
      : [...readRecorded(folder)].filter(({ file }) => file.startsWith("blocks/other-147078734."));

  it("are decoded to the same kinds and addresses", () => {
    const ours = new Map(
      entries
        .filter(({ file }) => file.includes(".json_encoding"))
        .map(({ json, place }) => decode(json, place))
        .map((transaction) => [transaction.signature, transaction.instructions]),
    );
    let compared = 0;
    for (const { json } of entries.filter(({ file }) => file.includes(".json_parsed_encoding"))) {
      const parsed = json as ParsedTransaction;
      const instructions = ours.get(parsed.transaction.signatures[0] ?? "") ?? [];
      const byNode = readByNode(parsed);
      expect(instructions.map(({ program_id }) => program_id)).toEqual(
        byNode.map(({ programId }) => programId),
      );
      byNode.forEach(({ parsed: theirs }, n) => {
        const instruction = instructions[n];
        expect(instruction?.kind).toBe(snakeCase(theirs?.type ?? ""));
        for (const [name, value] of Object.entries(theirs?.info ?? {})) {
          const field = snakeCase(name);
          if (instruction === undefined || !(field in instruction) || field === "amount") continue;
          expect(String(instruction[field]), field).toBe(String(value));
          compared++;
        }
      });
    }
    process.stdout.write(`\n${compared} fields agree with the node's own reading\n`);
    expect(compared).toBeGreaterThan(20);
  });
});
