import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { z } from "zod";
import { CommandError } from "../command-error.ts";
import { show, type Context } from "../context.ts";
import { table } from "../table.ts";

export interface TraceOptions {
  readonly json?: boolean;
}

const logLine = z.object({
  time: z.iso.datetime(),
  msg: z.string(),
  server: z.string().optional(),
  module: z.string().optional(),
  id: z.string().optional(),
  signature: z.string().optional(),
  slot: z.number().optional(),
  origin: z.string().optional(),
  topic: z.string().optional(),
  epoch: z.string().optional(),
  offset: z.number().optional(),
  sockets: z.number().optional(),
  duplicate: z.boolean().optional(),
});
type LogLine = z.infer<typeof logLine>;

/** Lines that only a position leads to are kept until the position is known. */
const MAX_LINES = 2_000_000;

/** A collector may have put something in front of the JSON. */
function read(text: string): LogLine | null {
  const start = text.indexOf("{");
  if (start < 0) return null;
  try {
    return logLine.safeParse(JSON.parse(text.slice(start))).data ?? null;
  } catch {
    return null;
  }
}

const positionOf = ({ topic, epoch, offset }: LogLine): string | null =>
  topic === undefined || offset === undefined ? null : `${topic} ${epoch ?? ""} ${offset}`;

const isAbout = ({ id, signature }: LogLine, wanted: string): boolean =>
  id === wanted || signature === wanted || (id?.startsWith(`${wanted}:`) ?? false);

async function* linesOf(files: readonly string[]): AsyncGenerator<string> {
  if (files.length === 0) yield* createInterface({ input: process.stdin });
  for (const file of files) yield* (await open(file)).readLines();
}

/** Everything that lines say of a message or a transaction, in order of time. */
export async function findTrace(lines: AsyncIterable<string>, wanted: string): Promise<readonly LogLine[]> {
  const found: LogLine[] = [];
  const byPosition = new Map<string, LogLine[]>();
  let kept = 0;
  for await (const text of lines) {
    const line = read(text);
    if (line === null) continue;
    if (isAbout(line, wanted)) {
      found.push(line);
      continue;
    }
    const position = line.id === undefined ? positionOf(line) : null;
    if (position === null) continue;
    kept += 1;
    if (kept > MAX_LINES) {
      throw new CommandError(
        `There are more than ${MAX_LINES} traced lines: cut the logs to the minutes in question first.`,
      );
    }
    byPosition.set(position, [...(byPosition.get(position) ?? []), line]);
  }
  const positions = new Set(found.map(positionOf).filter((position) => position !== null));
  const arrived = [...positions].flatMap((position) => byPosition.get(position) ?? []);
  return [...found, ...arrived].toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time));
}

const details = ({ slot, origin, sockets, duplicate }: LogLine): string =>
  [
    slot === undefined ? "" : `slot ${slot}`,
    origin ?? "",
    sockets === undefined ? "" : `${sockets} sockets`,
    duplicate === true ? "published before" : "",
  ]
    .filter((part) => part !== "")
    .join(", ");

/** Follows one message, or all messages of one transaction, through the logs of all services. */
export async function trace(
  context: Context,
  wanted: string,
  files: readonly string[],
  options: TraceOptions,
): Promise<void> {
  const found = await findTrace(linesOf(files), wanted).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new CommandError(`Cannot read the log: ${(error as Error).message}`);
  });
  const [first] = found;
  if (first === undefined) {
    throw new CommandError(
      `Nothing in these logs is about ${wanted}. Do the services log it? They need ` +
        "RUST_LOG=transaction_listener=debug,message_broker=trace,websocket=trace.",
    );
  }
  const rows = found.map((line) => [
    line.time.slice(11, 23),
    `+${Date.parse(line.time) - Date.parse(first.time)} ms`,
    line.server ?? "",
    line.module ?? "",
    line.msg,
    line.topic === undefined ? "" : `${line.topic}#${line.offset ?? ""}`,
    details(line),
  ]);
  show(context, options, found, () =>
    table(["time", "after", "server", "module", "what", "position", ""], rows),
  );
}
