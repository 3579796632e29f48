/** Requests to one node since the start. */
export interface RequestCounts {
  readonly requests: number;
  /** Refused since there had been too many. */
  readonly rateLimited: number;
  /** Failed for another reason than that the node does not have it yet. */
  readonly failed: number;
}

const NONE: RequestCounts = { requests: 0, rateLimited: 0, failed: 0 };

/** Counts requests by node. */
export class RequestTally {
  readonly #counts = new Map<string, RequestCounts>();

  add(endpoint: string, result: "answered" | "rate_limited" | "failed"): void {
    const { requests, rateLimited, failed } = this.of(endpoint);
    this.#counts.set(endpoint, {
      requests: requests + 1,
      rateLimited: rateLimited + Number(result === "rate_limited"),
      failed: failed + Number(result === "failed"),
    });
  }

  of(endpoint: string): RequestCounts {
    return this.#counts.get(endpoint) ?? NONE;
  }
}
