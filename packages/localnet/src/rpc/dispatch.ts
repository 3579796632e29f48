import type { Dispatch } from "../json-rpc.ts";
import type { LocalNode } from "../node.ts";
import { accountMethods } from "./account-methods.ts";
import { blockMethods } from "./block-methods.ts";
import { clusterMethods } from "./cluster-methods.ts";
import { methodNotFound } from "./errors.ts";
import type { RpcMethods } from "./method.ts";
import { sendMethods } from "./send-methods.ts";
import { transactionMethods } from "./transaction-methods.ts";

const methods: RpcMethods = {
  ...clusterMethods,
  ...blockMethods,
  ...transactionMethods,
  ...accountMethods,
  ...sendMethods,
};

/** Calls RPC methods of a node. */
export const createRpcDispatch =
  (node: LocalNode): Dispatch =>
  (name, params) => {
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
    if (!method) throw methodNotFound();
    return method(node, params);
  };
