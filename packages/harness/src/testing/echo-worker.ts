import { serve } from "../serve.ts";

const commands = {
  echo: (value: unknown): unknown => value,
  fail(): void {
    throw new Error("on purpose");
  },
  exit: (code: number): never => process.exit(code),
  never: (): Promise<void> => new Promise(() => {}),
};

export type EchoCommands = typeof commands;

serve(commands);
