import { z } from "zod";
import { question } from "./control-questions.ts";
import { InvalidMessageError } from "./invalid-message-error.ts";

/** Longest control message: a page of answers fits, and a survey of many servers does not fill Redis' buffers. */
export const MAX_CONTROL_BYTES = 262_144;

const name = z.string().min(1).max(256);

/** What one service tells others to do, asks them, or answers. */
const controlMessage = z.discriminatedUnion("type", [
  z.object({ type: z.literal("disconnect_connection"), connection_id: z.string() }),
  z.object({ type: z.literal("disconnect_user"), user_id: z.string() }),
  z.object({ type: z.literal("drain") }),
  z.object({ type: z.literal("question"), question_id: name, reply_to: name, question }),
  /** `answer` is checked by whoever asked: only there it is known what the question was. */
  z.object({ type: z.literal("answer"), question_id: name, server_id: name, answer: z.unknown() }),
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
  /** @throws {InvalidMessageError} also for one longer than `MAX_CONTROL_BYTES`. */
  send(target: ControlTarget, message: ControlMessage): Promise<void>;
  /**
   * Receives what is addressed to everybody, to this server, or to a user. Resolves once nothing sent afterwards
   * can be missed.
   * @returns a function that stops receiving.
   */
  listen(serverId: string, handle: (delivery: ControlDelivery) => void): Promise<() => void>;
}

/**
 * A control message as it travels.
 * @throws {InvalidMessageError} when it is not what the schemas say, or too long.
 */
export function encodeControl(delivery: ControlDelivery): {
  readonly delivery: ControlDelivery;
  readonly text: string;
} {
  const parsed = controlDelivery.safeParse(delivery);
  if (!parsed.success)
    throw new InvalidMessageError(`Not a control message: ${z.prettifyError(parsed.error)}`);
  const text = JSON.stringify(parsed.data);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_CONTROL_BYTES) {
    throw new InvalidMessageError(`A control message of ${bytes} bytes is over ${MAX_CONTROL_BYTES}.`);
  }
  return { delivery: parsed.data, text };
}

/** Whether a server has to look at what is sent to a target. */
export const addressedTo = (target: ControlTarget, serverId: string): boolean =>
  !("server_id" in target) || target.server_id === serverId;
