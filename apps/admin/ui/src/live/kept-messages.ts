import type { EventFrame, Position } from "@commcoin/protocol";
import { read } from "../api/request.ts";
import type { TopicHistory } from "../api/types.ts";

/** As many as one answer has. */
const PAGE = 300;
/** A topic keeps a thousand messages unless the operator chose otherwise. */
const MAX_PAGES = 4;

export interface KeptMessages {
  /** In the order of their offsets. */
  readonly messages: readonly EventFrame[];
  /** Where the topic stands; what comes after it can be followed. */
  readonly position: Position;
}

const pathOf = (topic: string, query: string): string =>
  `/api/topics/${encodeURIComponent(topic)}/history?limit=${PAGE}${query}`;

/**
 * Reads what a topic keeps, from its newest messages backwards, a bounded number of them.
 * @throws {RequestError}
 */
export async function readKept(
  topic: string,
  cancelled: AbortSignal,
  pages = MAX_PAGES,
): Promise<KeptMessages> {
  const newest = await read<TopicHistory>(pathOf(topic, ""), cancelled);
  let messages = newest.messages as readonly EventFrame[];
  for (let page = 1; page < pages; page += 1) {
    const first = messages[0]?.offset ?? 1;
    if (first === 1) break;
    const since = Math.max(0, first - 1 - PAGE);
    const earlier = await read<TopicHistory>(pathOf(topic, `&since=${newest.epoch}:${since}`), cancelled);
    if (!earlier.recovered || earlier.epoch !== newest.epoch) break;
    const older = (earlier.messages as readonly EventFrame[]).filter(({ offset }) => offset < first);
    messages = [...older, ...messages];
  }
  return { messages, position: { epoch: newest.epoch, offset: newest.offset } };
}
