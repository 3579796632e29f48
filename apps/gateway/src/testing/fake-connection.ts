import { Connection } from "../connections/connection.ts";
import { createFakeSocket, type FakeSocket } from "./fake-transport.ts";

/** A connection on a socket that only remembers. */
export function fakeConnection(
  id: string,
  userId: string | null = null,
  socket: FakeSocket = createFakeSocket(),
): Connection & { readonly socket: FakeSocket } {
  const origin = { userId, address: "10.0.0.1", userAgent: "test" };
  return new Connection(id, origin, socket, 0) as Connection & { readonly socket: FakeSocket };
}
