import type { SourceName } from "./notification.ts";

/** One address that a source follows. */
export interface Lane {
  readonly source: SourceName;
  readonly address: string;
  /** The first slot that matters. */
  readonly fromSlot: number;
  /** Whether it is a coin, followed because CommCoin created it. */
  readonly coin: boolean;
}
