import type { ConflatedMember, FeedObserver } from "./feed-context.ts";
import { NewestFrames } from "./newest-frames.ts";

/** After so many published bytes it is looked whether conflated clients keep up: a fraction of what they may lag. */
const CHECK_BYTES = 16_384;

/** The members of a topic that want the newest values only when they do not keep up. */
export class ConflatedMembers {
  readonly #members = new Set<ConflatedMember>();
  #newest: NewestFrames | null = null;
  #bytesSinceCheck = 0;

  /** Kept while there are members. */
  get newest(): NewestFrames | null {
    return this.#newest;
  }

  add(member: ConflatedMember): void {
    this.#members.add(member);
    this.#newest ??= new NewestFrames();
  }

  remove(member: ConflatedMember): void {
    this.#members.delete(member);
    if (this.#members.size === 0) this.#newest = null;
  }

  /** To be called before a frame is published. Members that are too slow leave the live frames then. */
  append(offset: number, frame: Uint8Array, observer: Pick<FeedObserver, "conflated">): void {
    this.#newest?.add(offset, frame);
    this.#bytesSinceCheck += frame.byteLength;
    if (this.#bytesSinceCheck < CHECK_BYTES) return;
    this.#bytesSinceCheck = 0;
    for (const member of this.#members) if (member.conflateIfSlow()) observer.conflated();
  }

  /** For a new epoch. */
  restart(): void {
    this.#newest?.clear();
  }
}
