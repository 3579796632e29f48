/**
 * What the holder of a lease keeps for the next one: named collections of text values. Only the holder with the highest
 * fencing number that ever wrote to a collection can change it.
 */
export interface StateStore {
  /**
   * The values of a collection, or of some of its keys; keys without a value are left out. A collection that nobody
   * wrote to is empty. Complete and of one instant as long as nobody writes meanwhile, which who holds the lease and has
   * written once can be sure of.
   * @throws {BrokerUnavailableError}
   */
  read(name: string, keys?: readonly string[]): Promise<ReadonlyMap<string, string>>;

  /**
   * Changes values, all of them or none; null removes one. Without changes it only makes the fencing number known, so
   * that no earlier holder can write any more.
   * @throws {FencedError} when a higher fencing number wrote to the collection.
   * @throws {BrokerUnavailableError} when it is not known whether it was done; doing it again is safe.
   */
  write(
    name: string,
    changes: ReadonlyMap<string, string | null>,
    options: { readonly fence: number },
  ): Promise<void>;
}

/** A collection that nobody wrote to for so long is forgotten. */
export const STATE_TTL_MS = 2_592_000_000;
