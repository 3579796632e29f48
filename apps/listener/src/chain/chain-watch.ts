import { sleep, whenAborted } from "@commcoin/service/lifecycle";
import { chooseChain, isOfAnother, type ChainAnswer } from "./choose-chain.ts";

/** Called when it is known which chain is followed, and whenever that or the nodes of it change. */
export type OnChange = (chain: string, before: string | null) => void;

/** Knows of which chain each node is, and which of them is followed. Nodes are numbered as they are configured. */
export interface ChainWatch {
  /** Asks nodes, again and again, until the signal aborts; never rejects. */
  run(signal: AbortSignal, onChange: OnChange): Promise<void>;
  /** A node may be of another chain by now: it is asked at once. */
  doubt(node: number): void;
  /** Resolves once a node may be asked for anything. @throws when it is of another chain. */
  admit(node: number): Promise<void> | null;
  /** The nodes that are of another chain than the one that is followed, and of which. */
  readonly setAside: ReadonlyMap<number, string>;
}

export interface ChainWatchOptions {
  readonly nodes: number;
  /** Asks a node for the hash of its first block; `no_hash` where it has no such method. */
  readonly ask: (node: number, signal: AbortSignal) => Promise<ChainAnswer>;
  /** The chain that was followed before; asked once. Null when there is none, or the signal aborted. */
  readonly before: (signal: AbortSignal) => Promise<string | null>;
  readonly intervalMs?: number;
}

/** What a node of another chain is not asked for. */
class AnotherChainError extends Error {
  override readonly name = "AnotherChainError";

  constructor() {
    super("The node is of another chain than the one that is followed: it is not asked.");
  }
}

/** Rare enough to cost nothing, often enough for what no connection shows. */
const INTERVAL_MS = 10_000;
/** Between two questions to a node that did not answer, and after the first node answered for the others to do so. */
const RETRY_MS = 1_000;
const GRACE_MS = 2_000;

/** The nodes that say that they are of another chain, and of which. */
function nodesOfOthers(answers: readonly ChainAnswer[], chain: string): ReadonlyMap<number, string> {
  const others = new Map<number, string>();
  for (const [node, each] of answers.entries()) {
    if (each !== null && each !== "no_hash" && isOfAnother(each, chain)) others.set(node, each.hash);
  }
  return others;
}

export function createChainWatch({
  nodes,
  ask,
  before,
  intervalMs = INTERVAL_MS,
}: ChainWatchOptions): ChainWatch {
  const answers: ChainAnswer[] = Array.from({ length: nodes }, () => null);
  /** Questions under way; whoever needs the node waits for them. */
  const asking = new Map<number, Promise<void>>();
  const doubted = new Set<number>(answers.keys());
  let stop = new AbortController().signal;
  let followed: string | null = null;
  let settled = false;
  let setAside: ReadonlyMap<number, string> = new Map();
  let wake = (): void => {};
  let changed: OnChange = () => {};

  const follow = (chain: string, previous: string | null): void => {
    const others = nodesOfOthers(answers, chain);
    const isSame = others.size === setAside.size && [...others.keys()].every((node) => setAside.has(node));
    const isFirst = followed === null;
    setAside = others;
    followed = chain;
    if (isFirst || chain !== previous || !isSame) changed(chain, previous);
  };
  const decide = (): void => {
    if (settled) follow(chooseChain(answers, followed), followed);
  };

  const askNode = (node: number): Promise<void> => {
    const underWay = asking.get(node);
    if (underWay !== undefined) return underWay;
    const asked = ask(node, stop)
      .then(
        (answer) => {
          answers[node] = answer;
          doubted.delete(node);
          decide();
        },
        // Whatever is asked of it next will say what is wrong.
        () => {},
      )
      .finally(() => asking.delete(node));
    asking.set(node, asked);
    return asked;
  };

  /** At first, nodes that answer late have a moment to be counted. */
  const settle = async (signal: AbortSignal): Promise<void> => {
    const known = await before(signal);
    let firstAt: number | null = null;
    while (!signal.aborted) {
      await Promise.race([Promise.all([...doubted].map(askNode)), sleep(GRACE_MS, signal)]);
      if (answers.some((each) => each !== null)) firstAt ??= performance.now();
      if (firstAt !== null && (doubted.size === 0 || performance.now() - firstAt > GRACE_MS)) break;
      if (doubted.size > 0) await sleep(RETRY_MS, signal);
    }
    if (signal.aborted) return;
    const isNamed = answers.some((each) => each !== null && each !== "no_hash" && each.hash === known);
    settled = true;
    follow(isNamed && known !== null ? known : chooseChain(answers, null), known);
  };

  return {
    async run(signal, onChange) {
      stop = signal;
      changed = onChange;
      await settle(signal);
      let roundAt = performance.now() + intervalMs;
      const leave = whenAborted(signal, () => wake());
      while (!signal.aborted) {
        const isRound = performance.now() >= roundAt;
        const all = [...answers.keys()].filter(
          (node) => isRound || doubted.has(node) || answers[node] === null,
        );
        if (isRound) roundAt = performance.now() + intervalMs;
        for (const node of all) void askNode(node);
        const pause = new AbortController();
        wake = () => pause.abort();
        if (signal.aborted) break;
        const ms = all.length > 0 && doubted.size > 0 ? RETRY_MS : roundAt - performance.now();
        await sleep(Math.max(1, ms), pause.signal);
      }
      leave();
      await Promise.all(asking.values());
    },
    doubt(node) {
      doubted.add(node);
      if (!settled) return;
      void askNode(node);
      wake();
    },
    admit(node) {
      const check = (): void => {
        if (followed !== null && isOfAnother(answers[node], followed)) throw new AnotherChainError();
      };
      if (!doubted.has(node) && !setAside.has(node)) return null;
      return (doubted.has(node) ? askNode(node) : Promise.resolve()).then(check);
    },
    get setAside() {
      return setAside;
    },
  };
}
