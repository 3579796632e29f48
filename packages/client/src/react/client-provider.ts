import {
  createContext,
  createElement,
  useCallback,
  useContext,
  useSyncExternalStore,
  type ReactElement,
  type ReactNode,
} from "react";
import type { Client, PublicState } from "../index.ts";

const ClientContext = createContext<Client | null | undefined>(undefined);

/**
 * Gives a client to the components below. It is made, connected and closed outside, so that it outlives them; null where
 * there is none, as on a server: hooks then have nothing to show.
 */
export function ClientProvider({
  client,
  children,
}: {
  readonly client: Client | null;
  readonly children?: ReactNode;
}): ReactElement {
  return createElement(ClientContext.Provider, { value: client }, children);
}

/** @throws {Error} outside of a `ClientProvider`. */
export function useClient(): Client | null {
  const client = useContext(ClientContext);
  if (client === undefined) throw new Error("There is no ClientProvider above this component.");
  return client;
}

const onServer = (): PublicState => "idle";

/** Where the connection is; `idle` on a server. */
export function useConnectionState(): PublicState {
  const client = useClient();
  const subscribe = useCallback(
    (listener: () => void) => client?.on("state", listener) ?? (() => undefined),
    [client],
  );
  return useSyncExternalStore(subscribe, () => client?.state ?? "idle", onServer);
}
