import type { SourceName } from "./notification.ts";

/** Transactions of an address that are too many to be listed, in slots from `from` to `to`. */
export interface Gap {
  readonly source: SourceName;
  readonly address: string;
  /** Who found it. */
  readonly origin: "backfill" | "audit";
  readonly from: number;
  readonly to: number;
}
