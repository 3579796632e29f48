import type { EmulatedProgram } from "../engine/emulated-program.ts";
import { COMMCOIN_PROGRAM_ADDRESS, METAPLEX_PROGRAM_ADDRESS } from "./addresses.ts";
import { metaplexProgram } from "./metaplex.ts";
import { commCoinProgram } from "./program.ts";
import { ROUTER_PROGRAM_ADDRESS, routerProgram } from "./router.ts";

/**
 * The programs that a CommCoin market needs and the virtual machine does not have, by address: CommCoin itself under
 * `commCoinProgramId`, Metaplex Token Metadata for names, and a router that trades by CPI.
 */
export const commCoinPrograms = (
  commCoinProgramId: string = COMMCOIN_PROGRAM_ADDRESS,
): ReadonlyMap<string, EmulatedProgram> =>
  new Map([
    [commCoinProgramId, commCoinProgram],
    [METAPLEX_PROGRAM_ADDRESS, metaplexProgram],
    [ROUTER_PROGRAM_ADDRESS, routerProgram],
  ]);
