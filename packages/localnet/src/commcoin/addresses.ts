import { address } from "@solana/kit";

/** The deployed CommCoin program; `COMMCOIN_PROGRAM_ID` overrides it. */
export const COMMCOIN_PROGRAM_ADDRESS = address("6YuHH4kveCrEeEtVKM2nh18zU4XWFpEWqV8f5GbhdnzX");

export const SYSTEM_PROGRAM_ADDRESS = address("11111111111111111111111111111111");
export const TOKEN_PROGRAM_ADDRESS = address("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
export const ASSOCIATED_TOKEN_PROGRAM_ADDRESS = address("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");
export const RENT_SYSVAR_ADDRESS = address("SysvarRent111111111111111111111111111111111");
export const METAPLEX_PROGRAM_ADDRESS = address("metaqbxxUerdq28cj1RbAWkYQm3ybzjb6a8bt518x1s");
