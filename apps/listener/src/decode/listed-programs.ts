import {
  ASSOCIATED_TOKEN_PROGRAM,
  METAPLEX_METADATA_PROGRAM,
  SYSTEM_PROGRAM,
  TOKEN_2022_PROGRAM,
  TOKEN_PROGRAM,
} from "./programs/addresses.ts";

/**
 * The programs whose instructions are listed beside those of the CommCoin program.
 *
 * This is a contract. The event ids of a token's creation and trades hold the place of their instruction in the
 * list (`<signature>:<n>:<type>`), and duplicates are recognised by id. So the list of a given transaction must
 * never change between two versions that may run one after the other on the same topics:
 * - every instruction of these programs is listed, also one that is unknown, malformed, or part of a failed
 *   transaction, and no instruction of another program;
 * - a token batch is listed as the instructions that it carries, without itself; as one `unknown` when it is empty,
 *   malformed, of more than 255, or begins when 2,048 are listed already;
 * - the order is that of execution.
 * A program added here, or a rule changed, renumbers the instructions behind it: it needs topics of a new epoch.
 * New kinds and new fields of listed programs do not.
 */
export const LISTED_PROGRAMS: readonly string[] = [
  SYSTEM_PROGRAM,
  TOKEN_PROGRAM,
  TOKEN_2022_PROGRAM,
  ASSOCIATED_TOKEN_PROGRAM,
  METAPLEX_METADATA_PROGRAM,
];
