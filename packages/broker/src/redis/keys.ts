/**
 * Names of keys and channels. Everything that one script touches has one hash tag, so that it lies on one node of a
 * cluster.
 */
export interface Keys {
  meta(topic: string): string;
  stream(topic: string): string;
  /** Highest fencing number that a topic has seen. */
  topicFence(topic: string): string;
  id(topic: string, id: string): string;
  /** Channel of a topic's messages. */
  live(topic: string): string;
  /** Channel of control messages, to everybody or to one server: all of one node, which keeps them in order. */
  control(serverId?: string): string;
  /** Channel on which a connection proves that it receives; `salt` makes it one of the wanted node. */
  probe(id: string, salt: number): string;
  /** Key that a process writes to see whether it can; `salt` as with `probe`. */
  check(id: string, salt: number): string;
  /** Which `LAYOUT` the rest has. */
  readonly layout: string;
  readonly servers: string;
  /** Which users are connected; `held`: to one gateway. */
  readonly presence: {
    readonly holders: string;
    readonly users: string;
    readonly pending: string;
    readonly held: (holder: string) => string;
    /** Who has how many of what is limited. */
    readonly claims: (key: string) => string;
  };
  /** What gateways want watched: its three keys, and the channel that tells of changes. */
  readonly demand: {
    readonly stored: readonly [seen: string, pairs: string, counts: string];
    readonly channel: string;
  };
  lease(name: string): readonly [holder: string, fence: string];
  state(name: string): readonly [values: string, fence: string];
}

/** A brace in a user id would end the hash tag too early. No topic has a `/`, so that each has a tag of its own. */
const tagOf = (topic: string): string => topic.replaceAll("}", "/");

/** @param db channels are common to all databases of a Redis, so their names carry its number. */
export function createKeys(prefix: string, db: number): Keys {
  const channels = db === 0 ? prefix : `${prefix}/${db}`;
  return {
    meta: (topic) => `${prefix}:{${tagOf(topic)}}:meta`,
    stream: (topic) => `${prefix}:{${tagOf(topic)}}:stream`,
    topicFence: (topic) => `${prefix}:{${tagOf(topic)}}:fence`,
    id: (topic, id) => `${prefix}:{${tagOf(topic)}}:id:${id}`,
    live: (topic) => `${channels}:{${tagOf(topic)}}:live`,
    control: (serverId) =>
      serverId === undefined ? `${channels}:{control}` : `${channels}:{control}:${serverId}`,
    probe: (id, salt) => `${channels}:{probe:${id}:${salt}}`,
    check: (id, salt) => `${prefix}:{check:${id}:${salt}}`,
    layout: `${prefix}:layout`,
    servers: `${prefix}:servers`,
    presence: {
      holders: `${prefix}:{presence}:holders`,
      users: `${prefix}:{presence}:users`,
      pending: `${prefix}:{presence}:pending`,
      held: (holder) => `${prefix}:{presence}:held:${holder}`,
      claims: (key) => `${prefix}:{presence}:claims:${key}`,
    },
    demand: {
      stored: [`${prefix}:{demand}:seen`, `${prefix}:{demand}:pairs`, `${prefix}:{demand}:counts`],
      channel: `${channels}:{demand}:changed`,
    },
    lease: (name) => [`${prefix}:{lease:${name}}:holder`, `${prefix}:{lease:${name}}:fence`],
    state: (name) => [`${prefix}:{state:${name}}:values`, `${prefix}:{state:${name}}:fence`],
  };
}
