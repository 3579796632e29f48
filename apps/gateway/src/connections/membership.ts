import type { ConflatedMember } from "../topics/feed-context.ts";
import type { TopicFeed } from "../topics/topic-feed.ts";

/**
 * Where a connection stands in a topic: `waiting` for the feed or for history, `replaying` past frames, `joined` to the live
 * ones, `conflating` what it was too slow for, or out of it again: `left`. `membership/membership-state.ts` says how one
 * becomes the other.
 */
export type MembershipState = "waiting" | "replaying" | "joined" | "conflating" | "left";

/** A topic that a connection is in. */
export interface Membership {
  readonly feed: TopicFeed;
  /** Joined by the server: it is not counted, and cannot be left. */
  readonly implicit: boolean;
  state: MembershipState;
  /** null unless the client asked for conflation. */
  conflated: ConflatedMember | null;
  /**
   * While replaying or conflating: offset of the next frame to send, and the generation of the feed that it belongs to. While
   * joined: those with which it joined.
   */
  next: number;
  generation: number;
  /** While replaying what is not in the feed's memory: a piece of it. */
  page: ReplayPage | null;
}

export interface ReplayPage {
  /** Offset of its first frame. */
  readonly first: number;
  readonly frames: readonly Uint8Array[];
}
