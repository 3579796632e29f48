import type { z } from "zod";
import type { LocalNode } from "../node.ts";
import { readParams } from "./params.ts";

export type RpcMethod = (node: LocalNode, params: readonly unknown[]) => unknown;
export type RpcMethods = Readonly<Record<string, RpcMethod>>;

/** A method with its parameters by position. */
export const method =
  <Items extends readonly z.ZodType[]>(
    items: readonly [...Items],
    answer: (node: LocalNode, ...params: { [Index in keyof Items]: z.output<Items[Index]> }) => unknown,
  ): RpcMethod =>
  (node, params) =>
    answer(node, ...readParams(items, params));

/** Version in `getVersion` and `apiVersion`: the first line of releases with `transactionIndex` in its answers. */
export const SOLANA_CORE_VERSION = "4.0.0";

/** An answer that says which slot it is from. */
export const withContext = (slot: number, value: unknown) => ({
  context: { apiVersion: SOLANA_CORE_VERSION, slot },
  value,
});
