import type { RpcTransport } from "@solana/kit";
import { describe, expect, it } from "vitest";
import {
  METAPLEX_METADATA_PROGRAM,
  TOKEN_2022_PROGRAM,
  TOKEN_PROGRAM,
} from "../decode/programs/addresses.ts";
import { createNodeRpc } from "../rpc/node-rpc.ts";
import { interfaceAccount, metaplexAccount, token2022Mint } from "../testing/name-accounts.ts";
import { testAddress } from "../testing/rpc-json.ts";
import { metadataAddress } from "./metadata-address.ts";
import { createNameLookup } from "./name-lookup.ts";

const MINT = testAddress("mint");
const OTHER = testAddress("other mint");
const POINTED = testAddress("pointed");
const PROGRAM = testAddress("metadata program");
const METAPLEX = metadataAddress(MINT);
const live = new AbortController().signal;

type Accounts = Readonly<Record<string, { readonly owner: string; readonly data: Uint8Array }>>;

/** A node that has these accounts. @returns what it was asked for, too. */
function nodeWith(accounts: Accounts) {
  const asked: string[][] = [];
  const transport: RpcTransport = <Response>({ payload }: Parameters<RpcTransport>[0]) => {
    const [addresses, options] = (payload as { params: [string[], { dataSlice: { length: number } }] })
      .params;
    asked.push(addresses);
    const value = addresses.map((address) => {
      const account = accounts[address];
      if (account === undefined) return null;
      const data = Buffer.from(account.data).subarray(0, options.dataSlice.length);
      return { owner: account.owner, data: [data.toString("base64"), "base64"] };
    });
    return Promise.resolve({ result: { context: { slot: 1 }, value } } as Response);
  };
  return { asked, find: () => createNameLookup(createNodeRpc(transport)).find(MINT, live) };
}

const own = (name: string) =>
  token2022Mint({ pointer: MINT, metadata: { mint: MINT, names: [name, "OWN", "https://own"] } });
const pointing = { owner: TOKEN_2022_PROGRAM, data: token2022Mint({ pointer: POINTED }) };
const metaplex = {
  owner: METAPLEX_METADATA_PROGRAM,
  data: metaplexAccount(MINT, "By Metaplex", "MPL", "https://mpl"),
};

describe("a mint that points to its metadata", () => {
  it.each([
    ["an account of the interface", PROGRAM, interfaceAccount(MINT, "Pointed", "PT", "https://p")],
    [
      "an account of Metaplex elsewhere",
      METAPLEX_METADATA_PROGRAM,
      metaplexAccount(MINT, "Pointed", "PT", "https://p"),
    ],
  ])("is named by %s, before anything else", async (_, owner, data) => {
    const { find, asked } = nodeWith({ [MINT]: pointing, [POINTED]: { owner, data }, [METAPLEX]: metaplex });
    expect(await find()).toEqual({ name: "Pointed", symbol: "PT", uri: "https://p" });
    expect(asked).toEqual([[METAPLEX, MINT], [POINTED]]);
  });

  it.each([
    ["speaks of another mint", PROGRAM, interfaceAccount(OTHER, "USD Coin", "USDC", "https://c")],
    [
      "is the mint of another coin",
      TOKEN_2022_PROGRAM,
      token2022Mint({ metadata: { mint: OTHER, names: ["USD Coin", "USDC", "u"] } }),
    ],
    [
      "is laid out as Metaplex does it, by another program",
      PROGRAM,
      metaplexAccount(MINT, "Claimed", "CL", "u"),
    ],
    [
      "is the interface's, as Metaplex's program would never write it",
      METAPLEX_METADATA_PROGRAM,
      interfaceAccount(MINT, "", "", ""),
    ],
    ["is empty", PROGRAM, new Uint8Array()],
  ])("is not named by an account that %s", async (_, owner, data) => {
    const accounts = { [MINT]: pointing, [POINTED]: { owner, data } };
    expect(await nodeWith(accounts).find()).toBeNull();
    expect(await nodeWith({ ...accounts, [METAPLEX]: metaplex }).find()).toMatchObject({
      name: "By Metaplex",
    });
  });

  it("does not lead further than one account", async () => {
    const further = { owner: TOKEN_2022_PROGRAM, data: token2022Mint({ pointer: testAddress("further") }) };
    const { find, asked } = nodeWith({ [MINT]: pointing, [POINTED]: further });
    expect(await find()).toBeNull();
    expect(asked).toHaveLength(2);
  });

  it("is named by itself where it points to itself, or to nothing", async () => {
    const data = own("Own");
    const { find, asked } = nodeWith({ [MINT]: { owner: TOKEN_2022_PROGRAM, data }, [METAPLEX]: metaplex });
    expect(await find()).toMatchObject({ name: "Own" });
    expect(asked).toHaveLength(1);
    const noPointer = token2022Mint({ metadata: { mint: MINT, names: ["Bare", "B", "u"] } });
    const bare = nodeWith({ [MINT]: { owner: TOKEN_2022_PROGRAM, data: noPointer } });
    expect(await bare.find()).toMatchObject({ name: "Bare" });
  });

  it("counts only as a mint of Token-2022", async () => {
    const { find, asked } = nodeWith({ [MINT]: { owner: TOKEN_PROGRAM, data: pointing.data } });
    expect(await find()).toBeNull();
    expect(asked).toHaveLength(1);
  });
});

describe("names of which a part cannot be used", () => {
  it("are given without that part, unless there is a name elsewhere", async () => {
    const hidden = {
      owner: METAPLEX_METADATA_PROGRAM,
      data: metaplexAccount(MINT, "\u200b\u202e", "MPL", "https://mpl"),
    };
    const alone = nodeWith({ [METAPLEX]: hidden });
    expect(await alone.find()).toEqual({ name: null, symbol: "MPL", uri: "https://mpl" });
    const named = {
      owner: TOKEN_2022_PROGRAM,
      data: token2022Mint({ metadata: { mint: MINT, names: ["Own", "O", "u"] } }),
    };
    expect(await nodeWith({ [METAPLEX]: hidden, [MINT]: named }).find()).toMatchObject({ name: "Own" });
    const nothing = { owner: METAPLEX_METADATA_PROGRAM, data: metaplexAccount(MINT, "", "\0\0", " ") };
    expect(await nodeWith({ [METAPLEX]: nothing }).find()).toBeNull();
  });

  it("never make the lookup reject, whatever a node answers", async () => {
    const answers: unknown[] = [null, 7, "text", [7], [null, "x"], [{ owner: TOKEN_2022_PROGRAM }], { 0: 1 }];
    answers.push([
      { owner: METAPLEX_METADATA_PROGRAM, data: null },
      { owner: TOKEN_2022_PROGRAM, data: [7] },
    ]);
    for (const value of answers) {
      const transport: RpcTransport = <Response>() => Promise.resolve({ result: { value } } as Response);
      expect(await createNameLookup(createNodeRpc(transport)).find(MINT, live)).toBeNull();
    }
  });
});
