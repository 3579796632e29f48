import { createHash } from "node:crypto";
import { type KeyPairSigner, createKeyPairSignerFromPrivateKeyBytes } from "@solana/kit";

/** What a number in the market's state stands for. */
type KeyRole = "trader" | "coin" | "token";

/** Key pairs of the market's wallets, coins and tokens, by number. */
export type MarketKeys = (role: KeyRole, number: number) => Promise<KeyPairSigner>;

/** More than are in use at a time; making one again is cheap. */
const CACHED_KEYS = 512;

/** Key pairs that `seed` determines. Whoever knows it has them: for networks where nothing is worth anything. */
export const createMarketKeys = (seed: string): MarketKeys => {
  const known = new Map<string, Promise<KeyPairSigner>>();
  return (role, number) => {
    const id = `${role}/${number}`;
    const made =
      known.get(id) ??
      createKeyPairSignerFromPrivateKeyBytes(createHash("sha256").update(`${seed}/${id}`).digest());
    if (known.size >= CACHED_KEYS) known.clear();
    known.set(id, made);
    return made;
  };
};
