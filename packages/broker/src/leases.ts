/** The right to do something alone, for a limited time. */
export interface Lease {
  readonly name: string;
  readonly holder: string;
  /** Grows by one each time the lease changes hands; see `PublishOptions.fence`. */
  readonly fence: number;
}

export interface Leases {
  /** Takes a free or expired lease, or returns the one this holder has; null while somebody else holds it. */
  acquire(name: string, holder: string, ttlMs: number): Promise<Lease | null>;
  /** Extends it. False when it was lost: the holder must stop at once. */
  renew(lease: Lease, ttlMs: number): Promise<boolean>;
  /** Gives it back at once; nothing happens when it was lost before. */
  release(lease: Lease): Promise<void>;
}
