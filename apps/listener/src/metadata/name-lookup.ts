import { withDeadline } from "@commcoin/service/lifecycle";
import { decodeInterfaceMetadata } from "../decode/accounts/interface-metadata.ts";
import { decodeMetaplexMetadata } from "../decode/accounts/metaplex-metadata.ts";
import { decodeMetadataPointer, decodeToken2022Metadata } from "../decode/accounts/token-2022-metadata.ts";
import type { AccountNames, TokenNames } from "../decode/accounts/token-names.ts";
import { METAPLEX_METADATA_PROGRAM, TOKEN_2022_PROGRAM } from "../decode/programs/addresses.ts";
import type { AccountInfo, NodeRpc } from "../rpc/node-rpc.ts";
import { metadataAddress } from "./metadata-address.ts";

/** Finds what a coin is called. */
export interface NameLookup {
  /** Name, symbol and uri of a mint; null when nothing on chain says it in time. Never rejects. */
  find(mint: string, signal: AbortSignal): Promise<TokenNames | null>;
}

/**
 * Long enough for one round trip to a node far away. It is short because transactions behind this one wait as well: they
 * are published in order. A name that is written later reaches clients with the transaction that writes it.
 */
const DEADLINE_MS = 100;
/** Names stand near the beginning; whoever makes an account chooses its size, up to ten megabytes. */
const DATA_SLICE = { offset: 0, length: 16_384 };

type Account = AccountInfo | null | undefined;

/** A node may say anything: what is no account has no data. */
const bytesOf = (account: Account): Uint8Array => {
  const data: unknown = account?.data?.[0];
  return typeof data === "string" ? Buffer.from(data, "base64") : new Uint8Array();
};

const namesIn = (account: Account): AccountNames | null => {
  if (account?.owner === METAPLEX_METADATA_PROGRAM) return decodeMetaplexMetadata(bytesOf(account));
  return account?.owner === TOKEN_2022_PROGRAM ? decodeToken2022Metadata(bytesOf(account)) : null;
};

/** Metadata that a mint points to may be kept by any program: it is the mint's when it says so itself. */
const namesInPointed = (account: Account): AccountNames | null =>
  namesIn(account) ?? decodeInterfaceMetadata(bytesOf(account));

const pointerOf = (account: Account): string | null =>
  account?.owner === TOKEN_2022_PROGRAM ? decodeMetadataPointer(bytesOf(account)) : null;

/** Of what speaks of the mint, the first with a name, else the first with anything. */
function choose(mint: string, ...candidates: readonly (AccountNames | null)[]): TokenNames | null {
  const found = candidates.filter(
    (names) => names?.mint === mint && (names.name ?? names.symbol ?? names.uri) !== null,
  );
  const names = found.find((each) => each?.name !== null) ?? found[0];
  return names ? { name: names.name, symbol: names.symbol, uri: names.uri } : null;
}

/**
 * Looks for the account that a Token-2022 mint points to, which has to point back, for the Metaplex metadata account of the
 * mint, and for the metadata in the mint itself; once. No pointer of a pointer is followed.
 */
export function createNameLookup(rpc: NodeRpc): NameLookup {
  const read = async (addresses: readonly string[], signal: AbortSignal): Promise<readonly Account[]> => {
    try {
      const options = { encoding: "base64", commitment: "confirmed", dataSlice: DATA_SLICE } as const;
      const { value } = await withDeadline(DEADLINE_MS, signal, (inTime) =>
        rpc.getMultipleAccounts(addresses, options).send({ abortSignal: inTime }),
      );
      return Array.isArray(value) ? (value as readonly Account[]) : [];
    } catch {
      // A coin without a name is published all the same; the request is counted as failed where it was sent.
      return [];
    }
  };
  return {
    async find(mint, signal) {
      const metaplexAddress = metadataAddress(mint);
      const [metaplex, self] = await read([metaplexAddress, mint], signal);
      const pointer = pointerOf(self);
      if (pointer === mint) return choose(mint, namesIn(self), namesIn(metaplex));
      const elsewhere = pointer !== null && pointer !== metaplexAddress;
      const [pointed] = elsewhere ? await read([pointer], signal) : [];
      return choose(mint, namesInPointed(pointed), namesIn(metaplex), namesIn(self));
    },
  };
}
