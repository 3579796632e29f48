import type { DamageLog } from "../damage.ts";

/** @param damaged which key of a topic a script found damaged, or nothing. */
export function noteTopicDamage(damage: DamageLog, topic: string, damaged: string): void {
  if (damaged !== "meta" && damaged !== "stream" && damaged !== "id") return;
  damage.note(`topic_${damaged}`, "keys of a topic were damaged: they were removed, and a new epoch began", {
    topic,
  });
}
