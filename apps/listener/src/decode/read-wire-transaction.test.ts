import {
  AccountRole,
  address,
  appendTransactionMessageInstructions,
  type Blockhash,
  compileTransactionMessage,
  createTransactionMessage,
  getCompiledTransactionMessageEncoder,
  pipe,
  setTransactionMessageConfig,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
} from "@solana/kit";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attempt } from "../testing/attempt.ts";
import { anyAddress } from "../testing/builder-input.ts";
import { encodeBase58 } from "./base58.ts";
import { DecodeError, UnknownVersionError } from "./decode-error.ts";
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
  version: "legacy" | 0 | 1,
  payer: string,
  instructions: readonly { program: string; accounts: string[]; data: Uint8Array }[],
  config: Parameters<typeof setTransactionMessageConfig>[0] = {},
): Uint8Array {
  const built = instructions.map(({ program, accounts, data }) => ({
    programAddress: address(program),
    accounts: accounts.map((key) => ({ address: address(key), role: AccountRole.WRITABLE })),
    data,
  }));
  const encoder = getCompiledTransactionMessageEncoder();
  if (version === 1) {
    const message = pipe(
      createTransactionMessage({ version }),
      (empty) => setTransactionMessageFeePayer(address(payer), empty),
      (paid) => setTransactionMessageLifetimeUsingBlockhash(LIFETIME, paid),
      (ready) => setTransactionMessageConfig(config, ready),
      (configured) => appendTransactionMessageInstructions(built, configured),
    );
    return new Uint8Array([...encoder.encode(compileTransactionMessage(message)), ...signatureBytes]);
  }
  const message = pipe(
    createTransactionMessage({ version }),
    (empty) => setTransactionMessageFeePayer(address(payer), empty),
    (paid) => setTransactionMessageLifetimeUsingBlockhash(LIFETIME, paid),
    (ready) => appendTransactionMessageInstructions(built, ready),
  );
  return new Uint8Array([1, ...signatureBytes, ...encoder.encode(compileTransactionMessage(message))]);
}

/** What version 1 has in place of compute budget instructions, any part of it. */
const anyConfig = fc.record(
  {
    computeUnitLimit: fc.integer({ min: 0, max: 1_400_000 }),
    heapSize: fc.constant(64 * 1_024),
    loadedAccountsDataSizeLimit: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    priorityFeeLamports: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  },
  { requiredKeys: [] },
);

const signatureBytes = new Uint8Array(64).fill(5);

describe("readWireTransaction", () => {
  it.each(["legacy", 0, 1] as const)("reads what the published client writes, version %s", (version) => {
    fc.assert(
      fc.property(anyAddress, someInstructions, anyConfig, (payer, instructions, config) => {
        const wire = encode(version, payer, instructions, config);
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

  it("reads a transaction of 4,096 bytes, and one with bits in its config that came later", () => {
    const program = "11111111111111111111111111111113";
    const bare = encode(1, "11111111111111111111111111111112", [
      { program, accounts: [], data: new Uint8Array() },
    ]);
    const data = new Uint8Array(4_096 - bare.length).fill(7);
    const largest = encode(1, "11111111111111111111111111111112", [{ program, accounts: [], data }]);
    expect(largest).toHaveLength(4_096);
    expect(readWireTransaction(largest).instructions[0]?.data).toEqual(data);

    const behindAddresses = 42 + 2 * 32;
    const extended = new Uint8Array([
      ...largest.subarray(0, behindAddresses),
      ...new Uint8Array(8),
      ...largest.subarray(behindAddresses),
    ]);
    extended.set([0, 0, 0, 0b1010_0000], 4);
    expect(readWireTransaction(extended)).toEqual(readWireTransaction(largest));
  });

  it.each([
    ["at the beginning", 0, 0x82, 2],
    ["of a message behind its signatures", 65, 0x81, 1],
    ["0 without signatures", 0, 0x80, 0],
    ["the highest", 0, 0xff, 127],
  ])("refuses a version that it does not know: %s", (_, at, byte, version) => {
    const wire = encode(0, "11111111111111111111111111111112", []);
    wire[at] = byte;
    const error = attempt(() => readWireTransaction(wire));
    expect(error).toBeInstanceOf(UnknownVersionError);
    expect(error).toMatchObject({ version });
  });

  it.each([0, 1] as const)(
    "refuses bytes behind the transaction, and every part of one, version %s",
    (version) => {
      const wire = encode(version, "11111111111111111111111111111112", [
        { program: "11111111111111111111111111111113", accounts: [], data: new Uint8Array([1, 2]) },
      ]);
      expect(() => readWireTransaction(new Uint8Array([...wire, 0]))).toThrow(/followed by 1 more bytes/);
      for (let length = 0; length < wire.length; length++) {
        expect(() => readWireTransaction(wire.subarray(0, length))).toThrow(DecodeError);
      }
    },
  );

  it("throws DecodeError or nothing on any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const error = attempt(() => readWireTransaction(bytes));
        expect(error === null || error instanceof DecodeError, String(error)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(["legacy", 0, 1] as const)(
    "throws DecodeError or nothing on changed bytes, version %s",
    (version) => {
      const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
        minLength: 1,
        maxLength: 3,
      });
      fc.assert(
        fc.property(anyAddress, someInstructions, changes, (payer, instructions, changed) => {
          const wire = encode(version, payer, instructions);
          for (const [at, byte] of changed) wire[at % wire.length] = byte;
          const error = attempt(() => readWireTransaction(wire));
          expect(error === null || error instanceof DecodeError, String(error)).toBe(true);
        }),
        { numRuns: 300 },
      );
    },
  );
});
