import { adminVariables } from "@commcoin/admin/config";
import { checkGatewayConfig, gatewayVariables } from "@commcoin/gateway/config";
import { listenerVariables, requirePairs } from "@commcoin/listener/config";
import { z } from "zod";

/** The variables of all three services; those that several of them read are read once. */
export const standaloneConfig = z
  .object({ ...listenerVariables.shape, ...gatewayVariables.shape, ...adminVariables.shape })
  .superRefine(checkGatewayConfig)
  .superRefine(requirePairs)
  .superRefine(({ GATEWAY_WORKERS }, context) => {
    if (GATEWAY_WORKERS === 1) return;
    context.addIssue({
      code: "custom",
      path: ["GATEWAY_WORKERS"],
      message:
        "must be 1 in the standalone service, which is one process: its parts share its memory, and workers could not. " +
        "Run the gateway as a service of its own, with a Redis, to use more cores",
    });
  });
export type StandaloneConfig = Readonly<z.infer<typeof standaloneConfig>>;
