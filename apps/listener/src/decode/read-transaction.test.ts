import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attempt } from "../testing/attempt.ts";
import { commcoinSession } from "../testing/commcoin-session.ts";
import { testAddress } from "../testing/rpc-json.ts";
import { DecodeError } from "./decode-error.ts";
import { createTransactionDecoder } from "./decode-transaction.ts";
import { readTransaction } from "./read-transaction.ts";

const valid = () =>
  commcoinSession([{ do: "create" }, { do: "buy", tokens: 5n, lamports: 7, byRouter: true }]);

type Json = ReturnType<typeof valid>;

/** Every place of a JSON value, as a path of keys. */
function* places(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (path.length > 0) yield path;
  if (typeof value !== "object" || value === null) return;
  for (const [key, child] of Object.entries(value)) yield* places(child, [...path, key]);
}

function replaceAt(json: unknown, path: readonly string[], value: unknown): void {
  let parent = json as Record<string, unknown>;
  for (const key of path.slice(0, -1)) parent = parent[key] as Record<string, unknown>;
  parent[path.at(-1) ?? ""] = value;
}

describe("readTransaction", () => {
  const refusals: readonly (readonly [string, (json: Json) => unknown, RegExp])[] = [
    ["null, which a node answers for what it does not know", () => null, /should be an object, but is null/],
    ["a transaction without meta", (json) => ({ ...json, meta: null }), /meta should be an object/],
    ["text without its encoding", (json) => ({ ...json, transaction: "5Qz" }), /without its encoding/],
    [
      "another encoding",
      (json) => ({ ...json, transaction: ["aa", "base64+zstd"] }),
      /ask for encoding "base64"/,
    ],
    ["bytes that end early", (json) => ({ ...json, transaction: ["AQ==", "base64"] }), /ends early/],
    ["lookups whose addresses are missing", withLookup(undefined), /loadedAddresses is missing/],
    ["lookups with other addresses", withLookup({ writable: [], readonly: [] }), /looks 1 addresses up/],
    [
      "bigints",
      (json) => ({ ...json, slot: 5n }),
      /slot should be an integer of at least 0, but is a bigint/,
    ],
  ];

  it.each(refusals)("refuses %s", (_, change, reason) => {
    expect(() => readTransaction(change(valid()))).toThrow(DecodeError);
    expect(() => readTransaction(change(valid()))).toThrow(reason);
  });

  it("puts looked up addresses behind the static ones, writable first", () => {
    const [writable, readonly] = [testAddress("w"), testAddress("r")];
    const { transaction, meta, ...rest } = valid();
    const tables = [{ accountKey: testAddress("t"), writableIndexes: [3], readonlyIndexes: [9] }];
    const json = {
      ...rest,
      transaction: { ...transaction, message: { ...transaction.message, addressTableLookups: tables } },
      meta: {
        ...meta,
        loadedAddresses: { writable: [writable], readonly: [readonly] },
        preBalances: [...meta.preBalances, 1, 2],
        postBalances: [...meta.postBalances, 1, 2],
      },
    };
    expect(readTransaction(json).accounts.slice(-2)).toEqual([writable, readonly]);
  });

  it("takes slot and time of a transaction in a block from the block", () => {
    const { slot: _, blockTime: __, ...json } = valid();
    expect(() => readTransaction(json)).toThrow(/slot/);
    expect(readTransaction(json, { slot: 77, blockTime: null })).toMatchObject({ slot: 77, blockTime: null });
  });

  it("throws DecodeError or nothing, whatever stands anywhere in the JSON", () => {
    const decode = createTransactionDecoder({ commcoinProgramId: testAddress("commcoin program") });
    const paths = [...places(valid())];
    const junk = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(undefined, -1, 1e300, 0.5, 255, 2 ** 53, "", "1".repeat(44), "0", [], [[]], {}),
      fc.constant(testAddress("x")),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...paths), junk), { minLength: 1, maxLength: 3 }),
        (changes) => {
          const json = valid();
          for (const [path, value] of changes) {
            // An earlier change may have taken this place away.
            attempt(() => replaceAt(json, path, value));
          }
          const error = attempt(() => decode(json));
          expect(error === null || error instanceof DecodeError, String(error)).toBe(true);
        },
      ),
      { numRuns: 3_000 },
    );
  });
});

function withLookup(loadedAddresses: unknown): (json: Json) => unknown {
  const table = { accountKey: testAddress("t"), writableIndexes: [3], readonlyIndexes: [] };
  return ({ transaction, meta, ...rest }) => ({
    ...rest,
    transaction: { ...transaction, message: { ...transaction.message, addressTableLookups: [table] } },
    meta: { ...meta, loadedAddresses },
  });
}
