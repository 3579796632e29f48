import { useEffect, useState } from "preact/hooks";
import { repeat } from "./again.ts";
import { read, wordsOf } from "./request.ts";

export interface Polled<Data> {
  /** The newest answer, kept while later requests fail. */
  readonly data: Data | undefined;
  /** Why the last request failed; null when it did not. */
  readonly error: string | null;
}

/**
 * What a path of the API answers, asked for again and again, over every failure: not while the page is hidden, at once when
 * a token is given.
 */
export function usePolled<Data>(path: string, intervalMs: number): Polled<Data> {
  const [state, setState] = useState<Polled<Data> & { readonly path: string }>({
    data: undefined,
    error: null,
    path,
  });
  useEffect(() => {
    const ended = new AbortController();
    const ask = async (): Promise<void> => {
      try {
        const data = await read<Data>(path, ended.signal);
        if (!ended.signal.aborted) setState({ data, error: null, path });
      } catch (error) {
        if (ended.signal.aborted) return;
        setState((before) => ({
          data: before.path === path ? before.data : undefined,
          error: wordsOf(error),
          path,
        }));
      }
    };
    void repeat(ask, intervalMs, ended.signal);
    return () => ended.abort();
  }, [path, intervalMs]);
  return state.path === path ? state : { data: undefined, error: null };
}
