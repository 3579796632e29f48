import {
  AccountRole,
  address,
  appendTransactionMessageInstructions,
  type Blockhash,
  compileTransactionMessage,
  createTransactionMessage,
  getCompiledTransactionMessageEncoder,
  pipe,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
} from "@solana/kit";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attempt } from "../testing/attempt.ts";
import { anyAddress } from "../testing/builder-input.ts";
import { encodeBase58 } from "./base58.ts";
import { DecodeError } from "./decode-error.ts";
import { readWireTransaction } from "./read-wire-transaction.ts";

const LIFETIME = { blockhash: "11111111111111111111111111111111" as Blockhash, lastValidBlockHeight: 1n };

const someInstructions = fc.array(
  fc.record({
    program: anyAddress,
    accounts: fc.array(anyAddress, { maxLength: 4 }),
    data: fc.uint8Array({ maxLength: 200 }),
  }),
  { maxLength: 4 },
);

/** Encodes with the published client. */
function encode(
  version: "legacy" | 0,
  payer: string,
  instructions: readonly { program: string; accounts: string[]; data: Uint8Array }[],
): Uint8Array {
  const message = pipe(
    createTransactionMessage({ version }),
    (empty) => setTransactionMessageFeePayer(address(payer), empty),
    (paid) => setTransactionMessageLifetimeUsingBlockhash(LIFETIME, paid),
    (ready) =>
      appendTransactionMessageInstructions(
        instructions.map(({ program, accounts, data }) => ({
          programAddress: address(program),
          accounts: accounts.map((key) => ({ address: address(key), role: AccountRole.WRITABLE })),
          data,
        })),
        ready,
      ),
  );
  const body = getCompiledTransactionMessageEncoder().encode(compileTransactionMessage(message));
  return new Uint8Array([1, ...signatureBytes, ...body]);
}

const signatureBytes = new Uint8Array(64).fill(5);

describe("readWireTransaction", () => {
  it.each(["legacy", 0] as const)("reads what the published client writes, version %s", (version) => {
    fc.assert(
      fc.property(anyAddress, someInstructions, (payer, instructions) => {
        const wire = encode(version, payer, instructions);
        const { signature, staticAccounts, lookedUp, instructions: read } = readWireTransaction(wire);
        expect(signature).toBe(encodeBase58(signatureBytes));
        expect(staticAccounts[0]).toBe(payer);
        expect(lookedUp).toBe(0);
        expect(
          read.map(({ programIndex, accounts, data }) => ({
            program: staticAccounts[programIndex],
            accounts: Array.from(accounts, (index) => staticAccounts[index]),
            data: Uint8Array.from(data as Uint8Array),
          })),
        ).toEqual(instructions);
      }),
      { numRuns: 100 },
    );
  });

  it("refuses a version that it does not know", () => {
    const wire = encode(0, "11111111111111111111111111111112", []);
    wire[65] = 0x81;
    expect(() => readWireTransaction(wire)).toThrow(/version 1 cannot be read; ask for encoding "json"/);
  });

  it("refuses bytes behind the transaction, and every part of one", () => {
    const wire = encode(0, "11111111111111111111111111111112", [
      { program: "11111111111111111111111111111113", accounts: [], data: new Uint8Array([1, 2]) },
    ]);
    expect(() => readWireTransaction(new Uint8Array([...wire, 0]))).toThrow(/followed by 1 more bytes/);
    for (let length = 0; length < wire.length; length++) {
      expect(() => readWireTransaction(wire.subarray(0, length))).toThrow(DecodeError);
    }
  });

  it("throws DecodeError or nothing on any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const error = attempt(() => readWireTransaction(bytes));
        expect(error === null || error instanceof DecodeError, String(error)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
