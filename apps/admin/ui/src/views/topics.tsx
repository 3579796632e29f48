import type { JSX } from "preact";
import { usePolled } from "../api/poll.ts";
import type { Topics } from "../api/types.ts";
import { Empty, Loaded, MissingServers, Panel, Table } from "../components/states.tsx";
import { Num } from "../components/values.tsx";
import { Link, navigate } from "../navigation.tsx";
import { topicPath } from "../routes.ts";

const POLL_MS = 3_000;
const PAGE = 500;

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
                <Table label="Topics">
                  <thead>
                    <tr>
                      <th scope="col">Topic</th>
                      <th scope="col" class="right">
                        Subscribers
                      </th>
                      <th scope="col" class="right">
                        Messages/s
                      </th>
                      <th scope="col" class="right">
                        Offset
                      </th>
                      <th scope="col">Epoch</th>
                    </tr>
                  </thead>
                  <tbody>
                    {topics.map(({ topic, subscribers, messages_per_second, offset, epoch }) => (
                      <tr key={topic}>
                        <th scope="row">
                          <Link href={topicPath(topic)}>{topic}</Link>
                        </th>
                        <td class="right">
                          <Num value={subscribers} />
                        </td>
                        <td class="right">
                          <Num value={messages_per_second} digits={3} />
                        </td>
                        <td class="right">
                          <Num value={offset} />
                        </td>
                        <td>{epoch}</td>
                      </tr>
                    ))}
                  </tbody>
                </Table>
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
