import { z } from "zod";
import { InvalidMessageError } from "./invalid-message-error.ts";

/** What one service tells others to do. */
const controlMessage = z.discriminatedUnion("type", [
  z.object({ type: z.literal("disconnect_connection"), connection_id: z.string() }),
  z.object({ type: z.literal("disconnect_user"), user_id: z.string() }),
  z.object({ type: z.literal("drain") }),
]);
export type ControlMessage = z.infer<typeof controlMessage>;

/** Who acts on a control message: everybody, one server, or whoever holds connections of a user. */
const controlTarget = z.union([
  z.strictObject({ all: z.literal(true) }),
  z.strictObject({ server_id: z.string().min(1) }),
  z.strictObject({ user_id: z.string().min(1) }),
]);
export type ControlTarget = Readonly<z.infer<typeof controlTarget>>;

export const controlDelivery = z.object({ target: controlTarget, message: controlMessage });
export interface ControlDelivery {
  readonly target: ControlTarget;
  readonly message: ControlMessage;
}

/** Short instructions between services: at most once, not kept, in the order of one sender. */
export interface ControlChannel {
  /** @throws {InvalidMessageError} */
  send(target: ControlTarget, message: ControlMessage): Promise<void>;
  /**
   * Receives what is addressed to everybody, to this server, or to a user. Resolves once nothing sent afterwards
   * can be missed.
   * @returns a function that stops receiving.
   */
  listen(serverId: string, handle: (delivery: ControlDelivery) => void): Promise<() => void>;
}

/** @throws {InvalidMessageError} when it is not what the schemas say. */
export function checkControl(delivery: ControlDelivery): ControlDelivery {
  const parsed = controlDelivery.safeParse(delivery);
  if (parsed.success) return parsed.data;
  throw new InvalidMessageError(`Not a control message: ${z.prettifyError(parsed.error)}`);
}

/** Whether a server has to look at what is sent to a target. */
export const addressedTo = (target: ControlTarget, serverId: string): boolean =>
  !("server_id" in target) || target.server_id === serverId;
