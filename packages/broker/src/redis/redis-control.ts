import {
  controlDelivery,
  encodeControl,
  MAX_CONTROL_BYTES,
  type ControlChannel,
  type ControlDelivery,
} from "../control.ts";
import type { DamageLog } from "../damage.ts";
import type { Channels } from "./channels.ts";
import type { Commands } from "./commands.ts";
import type { Keys } from "./keys.ts";
import { orUnavailable, unavailable } from "./unavailable.ts";

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

export function createRedisControl({
  commands,
  channels,
  keys,
  damage,
}: {
  readonly commands: Commands;
  readonly channels: Channels;
  readonly keys: Keys;
  readonly damage: DamageLog;
}): ControlChannel {
  return {
    async send(target, message) {
      const { text } = encodeControl({ target, message });
      const channel = "server_id" in target ? keys.control(target.server_id) : keys.control();
      await orUnavailable(commands.publish(channel, text));
    },
    async listen(serverId, handle) {
      const receive = (bytes: Buffer): void => {
        const parsed = controlDelivery.safeParse(
          bytes.length > MAX_CONTROL_BYTES ? null : parse(bytes.toString()),
        );
        if (parsed.success) handle(parsed.data satisfies ControlDelivery);
        else {
          damage.note("control_message", "dropped a control message that is none", { bytes: bytes.length });
        }
      };
      const joins = await Promise.allSettled(
        [keys.control(), keys.control(serverId)].map((channel) => channels.join(channel, receive)),
      );
      const stop = (): void => {
        for (const join of joins) if (join.status === "fulfilled") join.value();
      };
      for (const join of joins) {
        if (join.status === "fulfilled") continue;
        stop();
        throw unavailable(join.reason);
      }
      return stop;
    },
  };
}
