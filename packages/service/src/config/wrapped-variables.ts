import type { z } from "zod";
import type { VariableMeta } from "./fields.ts";
import type { Environment } from "./load-config.ts";
import { isQuoted, QUOTED } from "./quoted.ts";

const SPACED = "the white space around it counts as a part of it: leave it out unless it is meant";

/** Variables that were taken with what stands around them, which somebody may not have meant. */
export function wrappedVariables(
  schema: z.ZodObject,
  env: Environment,
): readonly { readonly name: string; readonly why: string }[] {
  return Object.entries(schema.shape).flatMap(([name, field]) => {
    const text = env[name] ?? "";
    if (text.trim() === "") return [];
    if (isQuoted(text)) return [{ name, why: QUOTED }];
    const { secret } = ((field as z.ZodType).meta() ?? {}) as Partial<VariableMeta>;
    return secret === true && text !== text.trim() ? [{ name, why: SPACED }] : [];
  });
}
