import type { z } from "zod";

export interface VariableDescription {
  readonly name: string;
  readonly default: string | null;
  readonly description: string;
}

/** Lists the variables of a schema for documentation. */
export const describeVariables = (schema: z.ZodObject): readonly VariableDescription[] =>
  Object.entries(schema.shape).map(([name, field]) => {
    const meta = (field as z.ZodType).meta() ?? {};
    return {
      name,
      default: typeof meta.default === "string" ? meta.default : null,
      description: meta.description ?? "",
    };
  });
