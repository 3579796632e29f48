import { decodeMetaplexMetadata } from "../decode/accounts/metaplex-metadata.ts";
import { decodeToken2022Metadata } from "../decode/accounts/token-2022-metadata.ts";
import type { TokenNames } from "../decode/accounts/token-names.ts";
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

const bytesOf = (account: AccountInfo | null | undefined, owner: string): Uint8Array | null =>
  account?.owner === owner ? Buffer.from(account.data[0], "base64") : null;

const namesIn = (accounts: readonly (AccountInfo | null)[]): TokenNames | null => {
  const metaplex = bytesOf(accounts[0], METAPLEX_METADATA_PROGRAM);
  const token2022 = bytesOf(accounts[1], TOKEN_2022_PROGRAM);
  return (
    (metaplex === null ? null : decodeMetaplexMetadata(metaplex)) ??
    (token2022 === null ? null : decodeToken2022Metadata(token2022))
  );
};

/** Looks for the Metaplex metadata account of a mint and for the metadata extension of Token-2022, once. */
export function createNameLookup(rpc: NodeRpc): NameLookup {
  return {
    async find(mint, signal) {
      const giveUp = new AbortController();
      const abort = (): void => giveUp.abort();
      const timer = setTimeout(abort, DEADLINE_MS);
      signal.addEventListener("abort", abort);
      try {
        const addresses = [metadataAddress(mint), mint];
        const { value } = await rpc
          .getMultipleAccounts(addresses, { encoding: "base64", commitment: "confirmed" })
          .send({ abortSignal: giveUp.signal });
        return namesIn(value);
      } catch {
        // A coin without a name is published all the same; the request is counted as failed where it was sent.
        return null;
      } finally {
        clearTimeout(timer);
        signal.removeEventListener("abort", abort);
      }
    },
  };
}
