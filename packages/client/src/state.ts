import type { Position, Topic } from "./protocol.ts";

/**
 * Where the connection is. `authorizing` waits for a token, `connecting` for the server's first frame, `waiting` for
 * the back-off to pass, `offline` for the network.
 */
export type Phase = "idle" | "authorizing" | "connecting" | "connected" | "waiting" | "offline" | "closed";

/** The same as the application sees it: asking for a token is a part of connecting. */
export type PublicState = Exclude<Phase, "authorizing">;

export const publicStateOf = ({ phase }: State): PublicState =>
  phase === "authorizing" ? "connecting" : phase;

export interface TopicState {
  /** The application subscribed to it. */
  readonly wanted: boolean;
  /** The server joined it without being asked. */
  readonly implicit: boolean;
  /** Everything up to and including it was handed out, or reported lost. None until the server told one. */
  readonly position?: Position | undefined;
  /** How many past messages to begin with; none once the topic has a position, or when none were asked for. */
  readonly last?: number | undefined;
  /** The server may leave out what newer messages replace: offsets that jump are no gap. */
  readonly conflate: boolean;
  /** The server counts this connection in. */
  readonly joined: boolean;
  /** Something is missing: what arrives is dropped until the server answers where the replay starts. */
  readonly blocked: boolean;
  /** Id of the subscribe request that was not answered yet. */
  readonly request: number | undefined;
  /** The newest position that the server is known to have reached. */
  readonly seen: Position | undefined;
  /** Requests since the last progress. */
  readonly attempt: number;
}

/** A connection as the server sees it. */
export interface Connection {
  readonly connection_id: string;
  readonly server_id: string;
  /** Null for nobody in particular. */
  readonly user_id: string | null;
}

/** What happened so far; for tests, and for showing that nothing is hidden. */
export interface Counts {
  readonly delivered: number;
  /** Messages that arrived again and were dropped. */
  readonly duplicates: number;
  /** Times that a message was missing and asked for again. */
  readonly gaps: number;
  /** Times that a position was lost; each had its `lost` event. */
  readonly lost: number;
  /** Connections that reached `connected`. */
  readonly connections: number;
}

export interface State {
  readonly phase: Phase;
  readonly online: boolean;
  /** Connection attempts since the last one that lasted. */
  readonly attempt: number;
  /** Names the current socket; what another one reports is ignored. */
  readonly session: number;
  /** The socket of this session, or of the last one, opened. True before the first. */
  readonly opened: boolean;
  /** Topics in the URL of this session. */
  readonly asked: ReadonlySet<Topic>;
  readonly connectedAtMs: number;
  readonly lastFrameAtMs: number;
  /** Silence after which the server is asked whether it is there. */
  readonly silenceMs: number;
  /** Null while there is none. */
  readonly connection: Connection | null;
  readonly topics: ReadonlyMap<Topic, TopicState>;
  /** Positions of an earlier life, of topics that were not joined since. */
  readonly remembered: ReadonlyMap<Topic, Position>;
  readonly token: string | null;
  /** Unix milliseconds; null when unknown or never. */
  readonly tokenExpiresAtMs: number | null;
  /** The token that the server did not accept. The same one again is no answer. */
  readonly refusedToken: string | null;
  /** Id of the token request that was not answered yet. */
  readonly tokenRequest: number | null;
  /** The `auth` request that was not answered yet, and its token. */
  readonly authRequest: { readonly id: number; readonly token: string } | null;
  readonly nextId: number;
  readonly counts: Counts;
}

export const initialState: State = {
  phase: "idle",
  online: true,
  attempt: 0,
  session: 0,
  opened: true,
  asked: new Set(),
  connectedAtMs: 0,
  lastFrameAtMs: 0,
  silenceMs: 0,
  connection: null,
  topics: new Map(),
  remembered: new Map(),
  token: null,
  tokenExpiresAtMs: null,
  refusedToken: null,
  tokenRequest: null,
  authRequest: null,
  nextId: 1,
  counts: { delivered: 0, duplicates: 0, gaps: 0, lost: 0, connections: 0 },
};

/** What a topic is to a connection that it is not in. */
export const notJoined = {
  joined: false,
  blocked: false,
  request: undefined,
  seen: undefined,
  attempt: 0,
} as const satisfies Partial<TopicState>;

export const newTopic: TopicState = {
  wanted: false,
  implicit: false,
  conflate: false,
  ...notJoined,
};

export const count = (state: State, what: keyof Counts): State => ({
  ...state,
  counts: { ...state.counts, [what]: state.counts[what] + 1 },
});

/** Changes one topic; without an entry, removes it. */
export function withTopic(state: State, topic: Topic, entry?: TopicState): State {
  const topics = new Map(state.topics);
  if (entry) topics.set(topic, entry);
  else topics.delete(topic);
  return { ...state, topics };
}

/** Where a topic was in an earlier life; asked for once. */
export function recall(state: State, topic: Topic): { readonly state: State; readonly position?: Position } {
  const position = state.remembered.get(topic);
  if (!position) return { state };
  const remembered = new Map(state.remembered);
  remembered.delete(topic);
  return { state: { ...state, remembered }, position };
}
