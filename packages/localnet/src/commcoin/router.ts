import { createHash } from "node:crypto";
import { AccountRole, address } from "@solana/kit";
import type { EmulatedProgram, InvocationContext } from "../engine/emulated-program.ts";
import type { BuiltInstruction } from "./instructions.ts";

/** A trading router as aggregators have one: it calls the program whose instruction it is handed. */
export const ROUTER_PROGRAM_ADDRESS = address("CoinRouterLocaLnet1111111111111111111111111");

const ROUTE_DISCRIMINATOR = new Uint8Array(
  createHash("sha256").update("global:route").digest().subarray(0, 8),
);

/** Error code when there is nothing to route. */
const NO_ROUTE = 6000;
const OWN_COMPUTE_UNITS = 2_500;

/** Wraps an instruction so that its program is reached through the router. */
export const routeInstruction = (inner: BuiltInstruction): BuiltInstruction => {
  const data = new Uint8Array(ROUTE_DISCRIMINATOR.length + inner.data.length);
  data.set(ROUTE_DISCRIMINATOR);
  data.set(inner.data, ROUTE_DISCRIMINATOR.length);
  return {
    programAddress: ROUTER_PROGRAM_ADDRESS,
    accounts: [{ address: inner.programAddress, role: AccountRole.READONLY }, ...inner.accounts],
    data,
  };
};

/** Calls the program in its first account with the other accounts and the data behind its own discriminator. */
export const routerProgram: EmulatedProgram = (context: InvocationContext): void => {
  const [target, ...accounts] = context.accounts;
  const isRoute = ROUTE_DISCRIMINATOR.every((byte, index) => context.data[index] === byte);
  if (!isRoute || target === undefined) context.fail(NO_ROUTE);
  context.log("Instruction: Route");
  context.consume(OWN_COMPUTE_UNITS);
  context.invoke({
    programId: target.address,
    accounts,
    data: context.data.slice(ROUTE_DISCRIMINATOR.length),
  });
};
