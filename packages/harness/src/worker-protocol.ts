/** What a worker can be asked to do. Inputs and outputs are what structured cloning carries. */
export type Commands = Readonly<Record<string, (...input: never[]) => unknown>>;

export interface Request {
  readonly id: number;
  readonly command: string;
  readonly input: readonly unknown[];
}

export type Answer =
  | "ready"
  | { readonly id: number; readonly output: unknown }
  | { readonly id: number; readonly error: string };

/** Commands that every worker has. */
export const onRequest = { usage: "$usage", collectGarbage: "$collect" } as const;
