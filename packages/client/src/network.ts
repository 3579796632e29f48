interface NetworkScope {
  readonly navigator?: { readonly onLine?: boolean };
  readonly addEventListener?: (type: "online" | "offline", listener: () => void) => void;
  readonly removeEventListener?: (type: "online" | "offline", listener: () => void) => void;
}

/** Tells what the browser says of the network, now and whenever it changes. Node says nothing. */
export function watchNetwork(tell: (type: "online" | "offline") => void): () => void {
  const scope = globalThis as NetworkScope;
  const online = (): void => tell("online");
  const offline = (): void => tell("offline");
  tell(scope.navigator?.onLine === false ? "offline" : "online");
  scope.addEventListener?.("online", online);
  scope.addEventListener?.("offline", offline);
  return () => {
    scope.removeEventListener?.("online", online);
    scope.removeEventListener?.("offline", offline);
  };
}
