import type { EventFrame } from "@commcoin/protocol";
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { Empty, Failure, Loading, Panel, Tile } from "../components/states.tsx";
import { copy, Num, Time } from "../components/values.tsx";
import { useTopicTail } from "../live/topic-tail.ts";
import { Link } from "../navigation.tsx";
import { filterTail, tailRate } from "../tail.ts";

function Message({ message }: { readonly message: EventFrame }): JSX.Element {
  const [open, setOpen] = useState(false);
  const { ts, offset, type, data } = message;
  // The same element as long as nothing of it changes: there are hundreds, and new ones come all the time.
  return useMemo(
    () => (
      <li>
        <details onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary>
            <Time ms={ts} /> <Num value={offset} /> <strong>{type}</strong>{" "}
            <code class="oneline">{JSON.stringify(data)}</code>
          </summary>
          {open && (
            <>
              <button type="button" class="small" onClick={() => void copy(JSON.stringify(message, null, 2))}>
                Copy
              </button>
              <pre tabIndex={0}>{JSON.stringify(message, null, 2)}</pre>
            </>
          )}
        </details>
      </li>
    ),
    [message, open],
  );
}

/** One topic: what it keeps, and its messages as they come. */
export function TopicView({ topic }: { readonly topic: string }): JSX.Element {
  const { messages, position, error, lost } = useTopicTail(topic);
  const [paused, setPaused] = useState<readonly EventFrame[] | null>(null);
  const [filter, setFilter] = useState("");
  const source = paused ?? messages ?? [];
  const shown = useMemo(() => filterTail(source, filter), [source, filter]);
  const newest = messages?.at(-1)?.offset ?? 0;
  const waiting = paused === null ? 0 : newest - (paused.at(-1)?.offset ?? 0);
  return (
    <>
      <p class="crumb">
        <Link href="/topics">Topics</Link>
      </p>
      <h1>{topic}</h1>
      {error !== null && <Failure>{error}</Failure>}
      {lost !== null && <Failure>Messages are missing here, they are not kept any more: {lost}.</Failure>}
      <dl class="tiles">
        <Tile label="Offset">
          <Num value={position?.offset} />
        </Tile>
        <Tile label="Epoch">{position?.epoch ?? "–"}</Tile>
        <Tile label="Messages, last 10 s">
          <Num value={tailRate(messages ?? [], Date.now())} digits={3} unit="/s" />
        </Tile>
      </dl>
      <Panel
        title="Messages"
        aside={
          <span class="inline">
            <input
              type="search"
              aria-label="Filter by text"
              placeholder="Filter by text"
              value={filter}
              onInput={(event) => setFilter(event.currentTarget.value)}
            />
            <button
              type="button"
              aria-pressed={paused !== null}
              onClick={() => setPaused(paused === null ? source : null)}
            >
              {paused === null ? "Pause" : `Resume, ${waiting} new`}
            </button>
          </span>
        }
      >
        {messages === undefined && error === null ? (
          <Loading what="Reading what the topic keeps…" />
        ) : shown.length === 0 ? (
          <Empty>
            {filter === ""
              ? "The topic keeps no message. New ones appear here."
              : "No message fits the filter."}
          </Empty>
        ) : (
          <ol class="messages">
            {shown.map((message) => (
              <Message key={message.offset} message={message} />
            ))}
          </ol>
        )}
      </Panel>
    </>
  );
}
