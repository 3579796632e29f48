import {
  AccountRole,
  address,
  appendTransactionMessageInstructions,
  type Blockhash,
  compileTransactionMessage,
  createTransactionMessage,
  getCompiledTransactionMessageDecoder,
  getTransactionDecoder,
  pipe,
  setTransactionMessageConfig,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
  getCompiledTransactionMessageEncoder,
} from "@solana/kit";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toBase58 } from "./base58.ts";
import { decodeTransaction, encodeMessage, encodeTransaction, WireFormatError } from "./transaction.ts";

const anyAddress = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toBase58);
const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const anyConfig = fc.record(
  {
    computeUnitLimit: fc.integer({ min: 0, max: 1_400_000 }),
    heapSize: fc.integer({ min: 32, max: 256 }).map((kib) => kib * 1_024),
    loadedAccountsDataSizeLimit: u32,
    priorityFeeLamports: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  },
  { requiredKeys: [] },
);
const anyInstructions = fc.array(
  fc.record({
    programAddress: anyAddress.map((text) => address(text)),
    accounts: fc.array(
      fc.record({
        address: anyAddress.map((text) => address(text)),
        role: fc.constantFrom(AccountRole.READONLY, AccountRole.WRITABLE, AccountRole.READONLY_SIGNER),
      }),
      { maxLength: 3 },
    ),
    data: fc.oneof(
      { weight: 9, arbitrary: fc.uint8Array({ maxLength: 600 }) },
      { weight: 1, arbitrary: fc.uint8Array({ minLength: 2_040, maxLength: 2_060 }) },
    ),
  }),
  { maxLength: 4 },
);

/** A message as kit compiles it, and signatures for it that nobody made. */
const anyTransaction = fc
  .record({ payer: anyAddress, lifetime: anyAddress, config: anyConfig, instructions: anyInstructions })
  .map(({ payer, lifetime, config, instructions }) => {
    const message = pipe(
      createTransactionMessage({ version: 1 }),
      (m) => setTransactionMessageFeePayer(address(payer), m),
      (m) =>
        setTransactionMessageLifetimeUsingBlockhash(
          { blockhash: lifetime as Blockhash, lastValidBlockHeight: 0n },
          m,
        ),
      (m) => setTransactionMessageConfig(config, m),
      (m) => appendTransactionMessageInstructions(instructions, m),
    );
    const compiled = compileTransactionMessage(message);
    const bytes = getCompiledTransactionMessageEncoder().encode(compiled);
    const signers = compiled.header.numSignerAccounts;
    const signatures = Array.from({ length: signers }, (_, at) => new Uint8Array(64).fill(at + 1));
    return {
      config,
      compiled,
      bytes,
      signatures,
      wire: Uint8Array.from([...bytes, ...signatures.flatMap((each) => [...each])]),
    };
  });

describe("transactions of version 1", () => {
  it("are read and written as kit does it", () => {
    fc.assert(
      fc.property(anyTransaction, ({ config, compiled, bytes, signatures, wire }) => {
        const { version, transaction, messageBytes } = decodeTransaction(wire);
        const { message } = transaction;
        expect(version).toBe(1);
        expect(messageBytes).toEqual(Uint8Array.from(bytes));
        expect(transaction.signatures).toEqual(signatures.map(toBase58));
        expect(message.accountKeys).toEqual(compiled.staticAccounts);
        expect(message.recentBlockhash).toBe(compiled.lifetimeToken);
        expect(message.transactionConfig).toEqual({
          computeUnitLimit: config.computeUnitLimit ?? null,
          heapSize: config.heapSize ?? null,
          loadedAccountsDataSizeLimit: config.loadedAccountsDataSizeLimit ?? null,
          priorityFee: message.transactionConfig?.priorityFee ?? null,
        });
        expect(BigInt(message.transactionConfig?.priorityFee ?? -1)).toBe(config.priorityFeeLamports ?? -1n);
        expect(encodeTransaction(transaction, 1)).toEqual(wire);
        expect(encodeMessage(message, 1)).toEqual(messageBytes);

        const byKit = getTransactionDecoder().decode(encodeTransaction(transaction, 1));
        expect(Object.values(byKit.signatures)).toEqual(signatures);
        expect(getCompiledTransactionMessageDecoder().decode(byKit.messageBytes)).toEqual(
          getCompiledTransactionMessageDecoder().decode(bytes),
        );
      }),
    );
  });

  it("are refused when anything is missing or follows, and for bits that mean nothing", () => {
    fc.assert(
      fc.property(
        anyTransaction,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        ({ wire }, part) => {
          expect(() => decodeTransaction(wire.subarray(0, Math.floor(part * wire.length)))).toThrow(
            WireFormatError,
          );
          expect(() => decodeTransaction(Uint8Array.from([...wire, 0]))).toThrow(WireFormatError);
        },
      ),
    );
    const wire = fc.sample(anyTransaction, 1)[0]?.wire ?? new Uint8Array();
    for (const mask of [0b01, 0b10, 0b10_0000]) {
      const wrong = Uint8Array.from(wire);
      wrong.set([mask, 0, 0, 0], 4);
      expect(() => decodeTransaction(wrong)).toThrow(/config mask/);
    }
    expect(() => decodeTransaction(Uint8Array.of(0x82, ...wire.subarray(1)))).toThrow(/version 2 is not/);
    expect(() => decodeTransaction(Uint8Array.of(0x80, ...wire.subarray(1)))).toThrow(/version 0 is not/);
  });

  it("are read to the end or refused, whatever bytes are changed", () => {
    fc.assert(
      fc.property(anyTransaction, fc.nat(), fc.integer({ min: 0, max: 255 }), ({ wire }, at, byte) => {
        const changed = Uint8Array.from(wire);
        changed[at % wire.length] = byte;
        let again: Uint8Array | Error;
        try {
          const { transaction, version } = decodeTransaction(changed);
          again = encodeTransaction(transaction, version);
        } catch (error) {
          again = error as Error;
        }
        expect(again instanceof WireFormatError || Buffer.from(changed).equals(again as Uint8Array)).toBe(
          true,
        );
      }),
      { numRuns: 200 },
    );
  });
});
