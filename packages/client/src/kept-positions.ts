import { isPosition, isTopic } from "./connect-url.ts";
import type { Position, Topic } from "./protocol.ts";

/** Keeps positions while no program runs, so that a page that is loaded again goes on where it was. */
export interface PositionStorage {
  /** What was saved last. Whatever in it is no position is ignored, and so is an exception. */
  load(): Iterable<unknown> | null | undefined;
  /** Replaces what was saved before. An exception or a rejection means that it was not saved. */
  save(positions: ReadonlyMap<Topic, Position>): unknown;
}

/** More are not kept: the oldest go. */
const MAX_KEPT = 256;
/** At most so often they are saved. */
const SAVE_INTERVAL_MS = 1_000;

const isEntry = (value: unknown): value is readonly [Topic, Position] => {
  const [topic, position] = (Array.isArray(value) ? value : []) as [unknown, Partial<Position> | null];
  return (
    typeof topic === "string" &&
    isTopic(topic) &&
    typeof position?.epoch === "string" &&
    typeof position.offset === "number" &&
    isPosition(position as Position)
  );
};

/** What a client needs of it. */
export interface PositionKeeper {
  /** The positions of the program before. */
  readonly saved: ReadonlyMap<Topic, Position>;
  /** Positions have changed: they are saved within a second, and when the page goes. */
  touch(positions: () => ReadonlyMap<Topic, Position>): void;
  /** They are saved at once, if they have changed. */
  flush(): void;
}

interface Page {
  addEventListener?(type: string, listener: () => void): void;
  removeEventListener?(type: string, listener: () => void): void;
}

/**
 * Keeps the positions of one client, when it is made with it: `createClient({ url, positions: keepPositions() })`. After a
 * crash the messages of the last second may come again.
 * @param onError is told what could not be read or saved; the client goes on without.
 */
export function keepPositions(
  storage: PositionStorage = webStorage(),
  onError: (error: unknown) => void = () => undefined,
): PositionKeeper {
  const page = globalThis as Page;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let read: () => ReadonlyMap<Topic, Position> = () => new Map();

  function load(): ReadonlyMap<Topic, Position> {
    try {
      const entries = [...(storage.load() ?? [])].filter(isEntry).slice(-MAX_KEPT);
      return new Map(entries.map(([topic, { epoch, offset }]) => [topic, { epoch, offset }]));
    } catch (error) {
      onError(error);
      return new Map();
    }
  }

  async function save(): Promise<void> {
    try {
      await storage.save(new Map([...read()].slice(-MAX_KEPT)));
    } catch (error) {
      onError(error);
    }
  }

  function flush(): void {
    if (timer === null) return;
    clearTimeout(timer);
    timer = null;
    page.removeEventListener?.("pagehide", flush);
    void save();
  }

  return {
    saved: load(),
    touch(positions) {
      if (timer !== null) return;
      read = positions;
      timer = setTimeout(flush, SAVE_INTERVAL_MS);
      page.addEventListener?.("pagehide", flush);
    },
    flush,
  };
}

interface WebStorage {
  getItem(key: string): string | null;
  setItem(key: string, text: string): void;
}

/**
 * Keeps positions in the browser: in `sessionStorage` for each tab by itself, in `localStorage` after it was closed, too.
 * @param key tells clients of one site apart; tabs that are open at once share what is in `localStorage`.
 */
export function webStorage(
  kind: "localStorage" | "sessionStorage" = "localStorage",
  key = "commcoin.positions",
): PositionStorage {
  // To look at it may throw where a page may store nothing.
  const storage = (): WebStorage => (globalThis as unknown as Record<typeof kind, WebStorage>)[kind];
  return {
    load: () => JSON.parse(storage().getItem(key) ?? "[]") as unknown[],
    save: (positions) => storage().setItem(key, JSON.stringify([...positions])),
  };
}
