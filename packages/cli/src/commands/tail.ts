import { createClient } from "@commcoin/client";
import { once } from "node:events";
import { WebSocket } from "ws";
import { CommandError } from "../command-error.ts";
import type { Context } from "../context.ts";

export interface TailOptions {
  readonly gateway?: string;
  readonly user?: string;
  readonly accessToken?: string;
  readonly last?: number;
  readonly count?: number;
  readonly json?: boolean;
}

const DEFAULT_GATEWAY_URL = "ws://localhost:8080/ws";

/** Prints the messages of topics as they come, through reconnects, each once; says what was lost. */
export async function tail(context: Context, topics: readonly string[], options: TailOptions): Promise<void> {
  const url = options.gateway ?? context.env["COMMCOIN_GATEWAY_URL"] ?? DEFAULT_GATEWAY_URL;
  const { accessToken } = options;
  const client = createClient({
    url,
    WebSocket,
    ...(options.user === undefined ? {} : { userId: options.user }),
    ...(accessToken === undefined ? {} : { getToken: () => Promise.resolve(accessToken) }),
  });
  const finished = new AbortController();
  let failure: CommandError | null = null;
  const fail = (text: string): void => {
    failure ??= new CommandError(text);
    finished.abort();
  };
  client.on("state", ({ state, reason }) => {
    if (finished.signal.aborted) return;
    if (state === "closed")
      fail(`The gateway at ${url} ended the connection: ${reason ?? "no reason given"}`);
    else if (state === "waiting")
      context.warn(`No connection to ${url}: ${reason ?? "lost"}. Trying again.\n`);
  });
  client.on("lost", ({ topic, reason }) => context.warn(`${topic}: some messages are lost (${reason}).\n`));
  let left = options.count ?? Number.POSITIVE_INFINITY;
  for (const topic of topics) {
    const subscription = client.subscribe(
      topic,
      (message) => {
        if (left <= 0) return;
        left -= 1;
        context.write(
          options.json === true
            ? `${JSON.stringify(message)}\n`
            : `${new Date(message.ts).toISOString()} ${message.topic}#${message.offset} ${message.type} ${JSON.stringify(message.data)}\n`,
        );
        if (left <= 0) finished.abort();
      },
      options.last === undefined ? {} : { last: options.last },
    );
    subscription.ready.catch((error: unknown) => {
      if (!finished.signal.aborted) fail((error as Error).message);
    });
  }
  client.connect();
  const end = AbortSignal.any([context.signal, finished.signal]);
  if (!end.aborted) await once(end, "abort");
  client.close();
  if (failure !== null) throw failure;
}
