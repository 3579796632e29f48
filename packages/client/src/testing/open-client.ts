import { eventually } from "@commcoin/tsconfig/eventually";
import { expect, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { createClient, type Client, type ClientOptions } from "../client.ts";
import { startFakeGateway, type FakeGateway, type Peer } from "./fake-gateway.ts";

/** A gateway, a client that is connected to it, and the gateway's end of that connection. */
export interface Pair {
  readonly gateway: FakeGateway;
  readonly client: Client;
  readonly peer: Peer;
}

/** @param prepare subscribes before the connection. */
export async function openPair(
  options: Partial<ClientOptions> = {},
  prepare: (client: Client) => void = () => undefined,
): Promise<Pair> {
  const gateway = await startFakeGateway();
  const client = createClient({ url: gateway.url, WebSocket, ...options });
  onTestFinished(async () => {
    client.close();
    await gateway.stop();
  });
  prepare(client);
  client.connect();
  const peer = await gateway.next();
  return { gateway, client, peer };
}

export const reaches = (client: Client, state: string): Promise<void> =>
  eventually(() => expect(client.state).toBe(state));
