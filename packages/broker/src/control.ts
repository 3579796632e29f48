import { z } from "zod";

/** What one service tells others to do. */
export const controlMessage = z.discriminatedUnion("type", [
  z.object({ type: z.literal("disconnect_connection"), connection_id: z.string() }),
  z.object({ type: z.literal("disconnect_user"), user_id: z.string() }),
  z.object({ type: z.literal("drain") }),
]);
export type ControlMessage = z.infer<typeof controlMessage>;

/** Who acts on a control message: everybody, one server, or whoever holds connections of a user. */
export type ControlTarget = { readonly all: true } | { readonly server_id: string } | { readonly user_id: string };

export interface ControlDelivery {
  readonly target: ControlTarget;
  readonly message: ControlMessage;
}

/** Short instructions between services: at most once, not kept, in the order of one sender. */
export interface ControlChannel {
  send(target: ControlTarget, message: ControlMessage): Promise<void>;
  /**
   * Receives what is addressed to everybody, to this server, or to a user. Resolves once nothing sent afterwards
   * can be missed.
   * @returns a function that stops receiving.
   */
  listen(serverId: string, handle: (delivery: ControlDelivery) => void): Promise<() => void>;
}
