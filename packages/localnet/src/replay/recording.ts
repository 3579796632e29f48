/** A recording that cannot be turned into the transaction that it was. */
export class RecordingError extends Error {
  override readonly name = "RecordingError";
}

/** An instruction as `jsonParsed` shows it: parsed, or with its raw data when the node had no parser for it. */
export interface ParsedInstruction {
  readonly programId: string;
  readonly program?: string;
  readonly parsed?: string | { readonly type: string; readonly info: Readonly<Record<string, unknown>> };
  readonly accounts?: readonly string[];
  readonly data?: string;
  readonly stackHeight?: number | null;
}

/** An instruction rebuilt from its parsed form. */
export interface RawInstruction {
  readonly accounts: readonly string[];
  readonly data: Uint8Array;
}

/** Reads fields of a parsed instruction. @throws {RecordingError} when one is missing or not of its type. */
export const createInfoReader = (what: string, info: Readonly<Record<string, unknown>>) => {
  const fail = (field: string): never => {
    throw new RecordingError(`${what}: no usable field "${field}" in ${JSON.stringify(info)}`);
  };
  const text = (field: string): string => {
    const value = info[field];
    return typeof value === "string" ? value : fail(field);
  };
  return {
    text,
    optionalText: (field: string): string | null => {
      const value = info[field];
      return typeof value === "string" ? value : null;
    },
    integer: (field: string): bigint => {
      const value = info[field];
      return typeof value === "number" || typeof value === "string" ? BigInt(value) : fail(field);
    },
    texts: (field: string): string[] => {
      const value = info[field];
      return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : fail(field);
    },
    /** `amount` and `decimals` of an object that shows a token amount. */
    tokenAmount: (field: string): { amount: bigint; decimals: number } => {
      const value = info[field];
      if (typeof value !== "object" || value === null) return fail(field);
      const { amount, decimals } = value as { amount?: unknown; decimals?: unknown };
      return typeof amount === "string" && typeof decimals === "number"
        ? { amount: BigInt(amount), decimals }
        : fail(field);
    },
  };
};

export type InfoReader = ReturnType<typeof createInfoReader>;
