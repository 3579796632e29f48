/** The right to do something alone, for a limited time. */
export interface Lease {
  readonly name: string;
  /** Names one process, not only one server id: a process that starts anew is another holder. */
  readonly holder: string;
  /**
   * Grows each time the lease changes hands, even if the broker lost its data in between; see `PublishOptions.fence`.
   */
  readonly fence: number;
}

export interface Leases {
  /** Takes a free or expired lease, or extends the one this holder has; null while somebody else holds it. */
  acquire(name: string, holder: string, ttlMs: number): Promise<Lease | null>;
  /** Extends it. False when it was lost: the holder must stop at once. */
  renew(lease: Lease, ttlMs: number): Promise<boolean>;
  /** Gives it back at once; nothing happens when it was lost before. */
  release(lease: Lease): Promise<void>;
}
