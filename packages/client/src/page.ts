type PageEvent = { readonly type: "online" | "offline" | "wake" };
type Listen = (type: string, listener: (event: PageEvent) => void) => void;

interface Target {
  readonly addEventListener?: Listen;
  readonly removeEventListener?: Listen;
}
interface PageScope extends Target {
  readonly navigator?: { readonly onLine?: boolean };
  readonly document?: Target & { readonly visibilityState?: string };
}

/**
 * Tells what the browser says of the network, now and whenever it changes, and when the page comes back to the front or
 * out of the cache: it may have missed everything that happened meanwhile. Node says nothing.
 */
export function watchPage(tell: (event: PageEvent) => void): () => void {
  const scope = globalThis as PageScope;
  const { document } = scope;
  const look = (): void => tell({ type: scope.navigator?.onLine === false ? "offline" : "online" });
  const wake = (): void => {
    if (document?.visibilityState === "hidden") return;
    look();
    tell({ type: "wake" });
  };
  const each = (method: keyof Target): void => {
    scope[method]?.("online", tell);
    scope[method]?.("offline", tell);
    scope[method]?.("pageshow", wake);
    document?.[method]?.("visibilitychange", wake);
    document?.[method]?.("resume", wake);
  };
  look();
  each("addEventListener");
  return () => each("removeEventListener");
}
