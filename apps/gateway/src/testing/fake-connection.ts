import { Connection } from "../connections/connection.ts";
import { TokenBucket } from "../connections/token-bucket.ts";
import { createFakeSocket, type FakeSocket } from "./fake-transport.ts";

const plenty = { perSecond: 1e6, burst: 1e6 };

/** A connection on a socket that only remembers. */
export function fakeConnection(
  id: string,
  userId: string | null = null,
  socket: FakeSocket = createFakeSocket(),
): Connection & { readonly socket: FakeSocket } {
  const budgets = { frames: new TokenBucket(plenty, 0), errors: new TokenBucket(plenty, 0) };
  const origin = { userId, address: "10.0.0.1", userAgent: "test" };
  return new Connection(id, origin, socket, budgets, 0) as Connection & { readonly socket: FakeSocket };
}
