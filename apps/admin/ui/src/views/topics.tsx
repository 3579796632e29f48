import type { JSX } from "preact";
import { usePolled } from "../api/poll.ts";
import type { Topics } from "../api/types.ts";
import { DataTable, type Column } from "../components/data-table.tsx";
import { Empty, Loaded, MissingServers, Panel } from "../components/states.tsx";
import { Num } from "../components/values.tsx";
import { Link, navigate } from "../navigation.tsx";
import { topicPath } from "../routes.ts";

const POLL_MS = 3_000;
const PAGE = 500;

const COLUMNS: readonly Column<Topics["topics"][number]>[] = [
  { name: "Topic", cell: ({ topic }) => <Link href={topicPath(topic)}>{topic}</Link> },
  { name: "Subscribers", right: true, cell: ({ subscribers }) => <Num value={subscribers} /> },
  {
    name: "Messages/s",
    right: true,
    cell: ({ messages_per_second }) => <Num value={messages_per_second} digits={3} />,
  },
  { name: "Offset", right: true, cell: ({ offset }) => <Num value={offset} /> },
  { name: "Epoch", cell: ({ epoch }) => epoch },
];

function OpenTopic(): JSX.Element {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const topic = new FormData(event.currentTarget as HTMLFormElement).get("topic");
    if (typeof topic === "string" && topic.trim() !== "") navigate(topicPath(topic.trim()));
  };
  return (
    <form class="inline" onSubmit={submit}>
      <input name="topic" aria-label="Any topic" placeholder="Any topic, such as user:123" required />
      <button type="submit">Open</button>
    </form>
  );
}

/** Topics that somebody follows. */
export function TopicsView(): JSX.Element {
  const polled = usePolled<Topics>(`/api/topics?limit=${PAGE}`, POLL_MS);
  return (
    <>
      <h1>Topics</h1>
      <Panel title="Followed topics" aside={<OpenTopic />}>
        <Loaded from={polled}>
          {({ topics, next_cursor, missing_servers }) => (
            <>
              <MissingServers servers={missing_servers} />
              {topics.length === 0 ? (
                <Empty>No gateway follows a topic: nobody is subscribed to one.</Empty>
              ) : (
                <DataTable label="Topics" columns={COLUMNS} rows={topics} keyOf={({ topic }) => topic} />
              )}
              {next_cursor !== null && (
                <p class="hint">The first {PAGE} by name. Any other can be opened by its name.</p>
              )}
            </>
          )}
        </Loaded>
      </Panel>
    </>
  );
}
