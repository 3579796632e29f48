import type { Damaged, DamageLog } from "../damage.ts";
import type { Commands } from "./commands.ts";

/** What Redis says of a key of another type, and of a value that it was to count with. */
const DAMAGE = /WRONGTYPE|hash value is not an integer/;

/**
 * Runs a command on keys that belong together. Where one of them is damaged, all are removed in one step, and the command
 * runs once more: whoever wrote them writes them again, because it does so every few seconds or is told that it is unknown.
 */
export async function beginningAnew<Result>(
  { commands, damage }: { readonly commands: Commands; readonly damage: DamageLog },
  what: Damaged,
  [first = "", ...others]: readonly string[],
  command: () => Promise<Result>,
): Promise<Result> {
  try {
    return await command();
  } catch (error) {
    if (!(error instanceof Error) || !DAMAGE.test(error.message)) throw error;
    damage.note(what, "keys were damaged: they were removed, and are written anew", { redis_key: first });
    await commands.call("DEL", first, ...others);
    return command();
  }
}
