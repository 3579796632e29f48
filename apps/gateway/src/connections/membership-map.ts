/** Searching so few one after the other is as fast as a map, which takes 300 bytes more. */
const FEW = 16;

interface InTopic {
  readonly feed: { readonly topic: string };
}

/**
 * The memberships of one connection by topic: a `Map` in little memory, since most connections are in a few topics.
 * Whoever walks through it may add and remove meanwhile, and sees what there was at the beginning.
 */
export class MembershipMap<Membership extends InTopic> {
  #few: readonly Membership[] = [];
  #many: Map<string, Membership> | null = null;

  get size(): number {
    return this.#many?.size ?? this.#few.length;
  }

  get(topic: string): Membership | undefined {
    if (this.#many !== null) return this.#many.get(topic);
    for (const membership of this.#few) if (membership.feed.topic === topic) return membership;
    return undefined;
  }

  has(topic: string): boolean {
    return this.get(topic) !== undefined;
  }

  /** Adds one whose topic is not in it yet. */
  add(membership: Membership): void {
    if (this.#many !== null) this.#many.set(membership.feed.topic, membership);
    else if (this.#few.length < FEW) this.#few = [...this.#few, membership];
    else {
      this.#many = new Map([...this.#few, membership].map((each) => [each.feed.topic, each]));
      this.#few = [];
    }
  }

  /** @returns whether it was in the map. */
  remove(membership: Membership): boolean {
    if (this.get(membership.feed.topic) !== membership) return false;
    if (this.#many !== null) this.#many.delete(membership.feed.topic);
    else this.#few = this.#few.filter((other) => other !== membership);
    return true;
  }

  all(): readonly Membership[] {
    return this.#many === null ? this.#few : [...this.#many.values()];
  }

  clear(): void {
    this.#few = [];
    this.#many = null;
  }
}
