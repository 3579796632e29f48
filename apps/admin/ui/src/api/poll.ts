import { useEffect, useState } from "preact/hooks";
import { adminToken, read, RequestError } from "./request.ts";

export interface Polled<Data> {
  /** The newest answer, kept while later requests fail. */
  readonly data: Data | undefined;
  /** Why the last request failed; null when it did not. */
  readonly error: string | null;
}

/**
 * What a path of the API answers, asked for again and again: not while the page is hidden, at once when it is looked at
 * again and when a token is given. Goes on over every failure.
 * @param path null asks for nothing.
 */
export function usePolled<Data>(path: string | null, intervalMs: number): Polled<Data> {
  const [state, setState] = useState<Polled<Data> & { readonly path: string | null }>({
    data: undefined,
    error: null,
    path,
  });
  useEffect(() => {
    if (path === null) return undefined;
    const ended = new AbortController();
    let timer: number | undefined;
    let busy = false;
    const ask = async (): Promise<void> => {
      clearTimeout(timer);
      if (busy || document.hidden || ended.signal.aborted) return;
      busy = true;
      try {
        const data = await read<Data>(path, ended.signal);
        if (!ended.signal.aborted) setState({ data, error: null, path });
      } catch (error) {
        const message = error instanceof RequestError ? error.message : String(error);
        if (!ended.signal.aborted)
          setState((before) => ({
            data: before.path === path ? before.data : undefined,
            error: message,
            path,
          }));
      }
      busy = false;
      timer = setTimeout(() => void ask(), intervalMs);
    };
    const look = (): void => void ask();
    document.addEventListener("visibilitychange", look);
    const forget = adminToken.subscribe(look);
    return () => {
      ended.abort();
      clearTimeout(timer);
      forget();
      document.removeEventListener("visibilitychange", look);
    };
  }, [path, intervalMs]);
  return state.path === path ? state : { data: undefined, error: null };
}
