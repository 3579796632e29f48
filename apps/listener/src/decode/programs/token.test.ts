import {
  getBatchInstruction,
  getCloseAccountInstruction,
  getInitializeAccount3Instruction,
  getInitializeMint2Instruction,
  getMintToInstruction,
  getTransferCheckedInstruction,
  getTransferInstruction,
} from "@solana-program/token";
import * as token2022 from "@solana-program/token-2022";
import { address } from "@solana/kit";
import { describe, expect, it } from "vitest";
import { decodeBuilt } from "../../testing/decode-built.ts";
import { testAddress } from "../../testing/rpc-json.ts";
import { TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from "./addresses.ts";

const keyOf = (name: string) => address(testAddress(name));
const mint = keyOf("mint");
const alice = keyOf("alice");
const bob = keyOf("bob");
const owner = keyOf("owner");

const transfer = getTransferInstruction({
  source: alice,
  destination: bob,
  authority: owner,
  amount: 1_500_000n,
});
const close = getCloseAccountInstruction({ account: alice, destination: owner, owner });
const aliceHolds = { account: alice, mint, decimals: 6, before: 5_000_000n, after: 3_500_000n };
const unknown = { program_id: TOKEN_PROGRAM, kind: "unknown" };

const batch = (...bytes: number[]) => ({
  programAddress: TOKEN_PROGRAM,
  accounts: [alice, bob, owner].map((key) => ({ address: key })),
  data: [255, ...bytes],
});

describe("token instructions", () => {
  it("have mint and whole tokens from the balances of the source", () => {
    expect(decodeBuilt([transfer], [aliceHolds])).toEqual([
      {
        program_id: TOKEN_PROGRAM,
        kind: "transfer",
        source: alice,
        destination: bob,
        authority: owner,
        mint,
        amount: "1.5",
      },
    ]);
  });

  it("have them from the balances of the destination", () => {
    expect(decodeBuilt([transfer], [{ ...aliceHolds, account: bob }])).toMatchObject([
      { mint, amount: "1.5" },
    ]);
  });

  it("have base units when nothing tells the mint", () => {
    const [decoded] = decodeBuilt([transfer]);
    expect(decoded).toMatchObject({ raw_amount: "1500000" });
    expect(decoded).not.toHaveProperty("mint");
    expect(decoded).not.toHaveProperty("amount");
  });

  it("learn mints and decimals from the instructions before", () => {
    const decoded = decodeBuilt([
      getInitializeMint2Instruction({ mint, decimals: 3, mintAuthority: owner }),
      getInitializeAccount3Instruction({ account: alice, mint, owner }),
      getMintToInstruction({ mint, token: alice, mintAuthority: owner, amount: 2_000_000n }),
      transfer,
    ]);
    expect(decoded.slice(2)).toMatchObject([{ amount: "2000" }, { mint, amount: "1500" }]);
  });

  it("learn them from a checked transfer", () => {
    const checked = getTransferCheckedInstruction({
      source: alice,
      mint,
      destination: bob,
      authority: owner,
      amount: 1n,
      decimals: 2,
    });
    expect(decodeBuilt([checked, transfer])).toMatchObject([{ amount: "0.01" }, { mint, amount: "15000" }]);
  });

  it("follow an account that is opened again for another mint", () => {
    const other = keyOf("other mint");
    const opened = getInitializeAccount3Instruction({ account: alice, mint: other, owner });
    const balances = [
      { ...aliceHolds, after: null },
      { account: alice, mint: other, decimals: 2, before: null, after: 0n },
    ];
    const decoded = decodeBuilt([transfer, close, opened, transfer], balances);
    expect(decoded.map((instruction) => instruction["mint"])).toEqual([mint, mint, other, other]);
    expect(decoded[3]).toMatchObject({ amount: "15000" });
  });

  it("give wrapped SOL its decimals", () => {
    const sol = address("So11111111111111111111111111111111111111112");
    const opened = getInitializeAccount3Instruction({ account: bob, mint: sol, owner });
    expect(decodeBuilt([opened, transfer])[1]).toMatchObject({ mint: sol, amount: "0.0015" });
  });
});

describe("a batch", () => {
  it("is listed as what it carries, each with its own accounts", () => {
    const mintTo = getMintToInstruction({ mint, token: alice, mintAuthority: owner, amount: 7n });
    expect(decodeBuilt([getBatchInstruction([mintTo, transfer, close])], [aliceHolds])).toEqual(
      decodeBuilt([mintTo, transfer, close], [aliceHolds]),
    );
  });

  it("of Token-2022 is as well", () => {
    const paused = token2022.getPauseInstruction({ mint, authority: owner });
    expect(decodeBuilt([token2022.getBatchInstruction([paused, paused])])).toEqual(
      [1, 2].map(() => ({ program_id: TOKEN_2022_PROGRAM, kind: "pause", mint, authority: owner })),
    );
  });

  it("may carry an instruction that is not known", () => {
    expect(decodeBuilt([batch(1, 1, 99, 1, 1, 17)])).toMatchObject([
      unknown,
      { kind: "sync_native", account: bob },
    ]);
  });

  it.each([
    ["empty", []],
    ["cut off in a header", [1]],
    ["cut off in data", [3, 9, 3, 1, 0]],
    ["short of accounts", [4, 1, 9]],
    ["short of accounts for the second", [3, 1, 9, 1, 1, 17]],
    ["of more than 255", Array.from({ length: 256 }, () => [0, 0]).flat()],
  ])("is one unknown when it is %s", (_, bytes) => {
    expect(decodeBuilt([batch(...bytes), close])).toMatchObject([unknown, { kind: "close_account" }]);
  });

  it("inside of a batch is unknown", () => {
    expect(decodeBuilt([batch(0, 3, 255, 0, 0)])).toEqual([unknown]);
  });
});
