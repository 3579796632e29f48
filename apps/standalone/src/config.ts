import { adminVariables } from "@commcoin/admin";
import { checkGatewayConfig, gatewayVariables } from "@commcoin/gateway";
import { listenerVariables, requirePairs } from "@commcoin/listener";
import { z } from "zod";

/** The variables of all three services; those that several of them read are read once. */
export const standaloneConfig = z
  .object({ ...listenerVariables.shape, ...gatewayVariables.shape, ...adminVariables.shape })
  .superRefine(checkGatewayConfig)
  .superRefine(requirePairs);
export type StandaloneConfig = Readonly<z.infer<typeof standaloneConfig>>;
