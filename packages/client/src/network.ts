type NetworkEvent = { readonly type: "online" | "offline" };

interface NetworkScope {
  readonly navigator?: { readonly onLine?: boolean };
  readonly addEventListener?: (type: string, listener: (event: NetworkEvent) => void) => void;
  readonly removeEventListener?: (type: string, listener: (event: NetworkEvent) => void) => void;
}

/** Tells what the browser says of the network, now and whenever it changes. Node says nothing. */
export function watchNetwork(tell: (event: NetworkEvent) => void): () => void {
  const scope = globalThis as NetworkScope;
  const listener = ({ type }: NetworkEvent): void => tell({ type });
  tell({ type: scope.navigator?.onLine === false ? "offline" : "online" });
  scope.addEventListener?.("online", listener);
  scope.addEventListener?.("offline", listener);
  return () => {
    scope.removeEventListener?.("online", listener);
    scope.removeEventListener?.("offline", listener);
  };
}
