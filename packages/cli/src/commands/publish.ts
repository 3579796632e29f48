import { readFile } from "node:fs/promises";
import { CommandError } from "../command-error.ts";
import { adminApi, show, type AdminOptions, type Context } from "../context.ts";

export interface PublishOptions extends AdminOptions {
  readonly all?: boolean;
  readonly topic?: string;
  readonly user?: string;
  readonly server?: string;
  readonly type: string;
  readonly data?: string;
  readonly title?: string;
  readonly message?: string;
  readonly id?: string;
}

interface Published {
  readonly topic: string;
  readonly epoch: string;
  readonly offset: number;
  readonly id: string;
  readonly duplicate: boolean;
}

function targetOf({ all, topic, user, server }: PublishOptions): object {
  const targets = [
    ...(all === true ? [{ all: true }] : []),
    ...(topic === undefined ? [] : [{ topic }]),
    ...(user === undefined ? [] : [{ user_id: user }]),
    ...(server === undefined ? [] : [{ server_id: server }]),
  ];
  const [target] = targets;
  if (target === undefined || targets.length > 1)
    throw new CommandError("Say who receives it, by exactly one of --all, --topic, --user, --server.");
  return target;
}

/** `{"json": …}`, `@file`, or for a Notification its title and text. */
async function dataOf({ data, title, message, user, type }: PublishOptions): Promise<unknown> {
  if (data === undefined) {
    if (type !== "Notification" || title === undefined)
      throw new CommandError(
        "Say what to publish: --data '{…}' or --data @file; for a Notification, --title and --message do.",
      );
    return { user_id: user ?? null, title, message: message ?? "", notification_type: "info" };
  }
  const text = data.startsWith("@")
    ? await readFile(data.slice(1), "utf8").catch(() => {
        throw new CommandError(`--data: there is no file ${data.slice(1)} that can be read.`);
      })
    : data;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new CommandError(`--data is not JSON: ${(error as Error).message}`);
  }
}

export async function publish(context: Context, options: PublishOptions): Promise<void> {
  const target = targetOf(options);
  const body = {
    type: options.type,
    data: await dataOf(options),
    target,
    ...(options.id === undefined ? {} : { id: options.id }),
  };
  const answer = await adminApi(context, options).post<Published>("/api/ws/broadcast", body);
  show(context, options, answer, () =>
    answer.duplicate
      ? `Published before: ${answer.topic}, offset ${answer.offset}, id ${answer.id}.\n`
      : `Published to ${answer.topic} at offset ${answer.offset}, id ${answer.id}.\n`,
  );
}
