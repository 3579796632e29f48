/**
 * Names of keys and channels. Everything that one script touches has one hash tag, so that it lies on one node of a
 * cluster.
 */
export interface Keys {
  meta(topic: string): string;
  stream(topic: string): string;
  id(topic: string, id: string): string;
  /** Channel of a topic's messages. */
  live(topic: string): string;
  /** Topic of a `live` channel. */
  topicOf(channel: string): string;
  /** Channel of control messages, to everybody or to one server. */
  control(serverId?: string): string;
  readonly servers: string;
  lease(name: string): readonly [holder: string, fence: string];
  state(name: string): readonly [values: string, fence: string];
}

/** @param db channels are common to all databases of a Redis, so their names carry its number. */
export function createKeys(prefix: string, db: number): Keys {
  const channels = db === 0 ? prefix : `${prefix}/${db}`;
  const liveStart = `${channels}:{`;
  const liveEnd = "}:live";
  return {
    meta: (topic) => `${prefix}:{${topic}}:meta`,
    stream: (topic) => `${prefix}:{${topic}}:stream`,
    id: (topic, id) => `${prefix}:{${topic}}:id:${id}`,
    live: (topic) => `${liveStart}${topic}${liveEnd}`,
    topicOf: (channel) => channel.slice(liveStart.length, -liveEnd.length),
    control: (serverId) =>
      serverId === undefined ? `${channels}:control` : `${channels}:control:${serverId}`,
    servers: `${prefix}:servers`,
    lease: (name) => [`${prefix}:{lease:${name}}:holder`, `${prefix}:{lease:${name}}:fence`],
    state: (name) => [`${prefix}:{state:${name}}:values`, `${prefix}:{state:${name}}:fence`],
  };
}
