import type { NodeAnswer } from "./ask-node.ts";
import { error, ok, skipped, span, warning, type Check } from "./check.ts";
import { numberIn, type NodeFacts } from "./look-at-node.ts";

/** Some seconds: more is no delay of the network. */
const MAX_LAG_SLOTS = 15;
/** The time of a block is what validators agree on, and may be some seconds off. */
const MAX_AGE_MS = 30_000;

const TOO_MANY = 429;
const METHOD_NOT_FOUND = -32_601;
/** Providers' codes for what a plan or a key does not allow. */
const NOT_ALLOWED = new Set([401, 402, 403, 405, METHOD_NOT_FOUND, -32_600, -32_604]);

const isLimit = (answer: NodeAnswer): boolean =>
  answer.kind === "refused" &&
  (answer.code === TOO_MANY ||
    answer.code === -32_429 ||
    /rate limit|too many requests/i.test(answer.message));

const answersOf = (node: NodeFacts): readonly NodeAnswer[] => [
  node.genesis,
  node.health,
  ...node.slots,
  node.blockTime,
  node.program,
  ...node.methods.values(),
];

const genesisOf = ({ genesis }: NodeFacts): string | null =>
  genesis.kind === "result" && typeof genesis.result === "string" ? genesis.result : null;

const HTTP_REMEDIES = new Map<number, string>([
  [401, "the key is missing or wrong: correct it in SOLANA_RPC_URL."],
  [403, "the key, or the address of this machine, is not allowed: ask the provider."],
  [404, "correct the path in SOLANA_RPC_URL: there is no JSON-RPC at this one."],
  [405, "correct SOLANA_RPC_URL: there is no JSON-RPC at this path."],
]);

/** Whether JSON-RPC is there at all; null where it is. */
function away(node: NodeFacts): Check | null {
  const [first] = node.slots;
  if (first.kind === "result" || isLimit(first)) return null;
  // It speaks JSON-RPC, and refuses: that is what the other checks are about.
  if (first.kind === "refused" && first.code < 0) return null;
  const remedy =
    first.kind === "unreachable"
      ? 'correct SOLANA_RPC_URL, start the node, or open the firewall: curl -s <url> -d \'{"jsonrpc":"2.0","id":1,"method":"getSlot"}\' -H \'content-type: application/json\''
      : (HTTP_REMEDIES.get(first.code) ??
        (first.code >= 500
          ? "the provider is in trouble: name a second node."
          : "correct SOLANA_RPC_URL: what answers there is no Solana node."));
  return error("solana.http", {
    subject: node.name,
    says: first.message,
    means: "a listener gets no transaction from it; with no other node nothing is published.",
    remedy,
  });
}

function health({ name, health: answer }: NodeFacts): readonly Check[] {
  if (answer.kind === "result" || isLimit(answer)) return [];
  if (answer.kind === "refused" && answer.code === METHOD_NOT_FOUND) return [];
  return [
    error("solana.health", {
      subject: name,
      says: `it calls itself unwell: ${answer.message}`,
      means: "what it tells is late or incomplete; clients get events late.",
      remedy: "wait if it is starting; else change the node, or ask the provider.",
    }),
  ];
}

function lag(node: NodeFacts, newest: readonly (number | null)[], now: number): readonly Check[] {
  const { name } = node;
  const behind = node.slots.map((answer, turn) => {
    const slot = numberIn(answer);
    const best = newest[turn] ?? null;
    return slot === null || best === null ? null : best - slot;
  });
  const slots = behind.filter((each) => each !== null);
  if (slots.length === 0) return [];
  const least = Math.min(...slots);
  const seconds = numberIn(node.blockTime);
  const ageMs = seconds === null ? null : now - seconds * 1_000;
  const remedy =
    "change the node, or ask the provider: it cannot keep up, or its load balancer leads to one that cannot.";
  if (least > MAX_LAG_SLOTS)
    return [
      error("solana.lag", {
        subject: name,
        says: `it is ${least} slots behind the best of the nodes`,
        means:
          "it is no second node: what only it brings is late, and a listener that is left with it is, too.",
        remedy,
      }),
    ];
  if (ageMs !== null && ageMs > MAX_AGE_MS)
    return [
      error("solana.lag", {
        subject: name,
        says: `its newest block is ${span(ageMs)} old`,
        means: "the node is behind, or the chain stands still; clients get events late.",
        remedy: `${remedy} Compare with an explorer of the chain, and look at the clock of this machine.`,
      }),
    ];
  const place = least > 0 ? `${least} slots behind the best` : "as far as any";
  return [ok("solana.lag", `slot ${numberIn(node.slots[0]) ?? "unknown"}, ${place}`, name)];
}

function methods(node: NodeFacts): readonly Check[] {
  const all: readonly (readonly [string, NodeAnswer])[] = [
    ...node.methods,
    ["getGenesisHash", node.genesis],
    ["getSlot", node.slots[0]],
    ["getMultipleAccounts", node.program],
  ];
  const refused = all.flatMap(([method, answer]) =>
    answer.kind === "refused" && NOT_ALLOWED.has(answer.code) && !isLimit(answer)
      ? [`${method} (${answer.message})`]
      : [],
  );
  const silent = all.flatMap(([method, answer]) => (answer.kind === "unreachable" ? [method] : []));
  if (refused.length > 0)
    return [
      error("solana.methods", {
        subject: node.name,
        says: `it refuses ${refused.join(", ")}`,
        means: "a listener cannot fetch, audit or finish transactions with it.",
        remedy:
          "use a plan or a node that has these methods; a node of one's own needs --enable-rpc-transaction-history.",
      }),
    ];
  if (silent.length > 0)
    return [
      warning("solana.methods", {
        subject: node.name,
        says: `no answer to ${silent.join(", ")} in time`,
        means: "transactions come late, and audits do not go through.",
        remedy: "look at the load of the node, or ask the provider.",
      }),
    ];
  return [ok("solana.methods", `all ${all.length} methods that a listener needs are there`, node.name)];
}

function limits(node: NodeFacts): readonly Check[] {
  const limited = answersOf(node).filter(isLimit);
  const [first] = limited;
  if (first?.kind !== "refused") return [];
  const wait = first.retryAfter === null ? "" : `, to be asked again in ${first.retryAfter} s`;
  return [
    warning("solana.limits", {
      subject: node.name,
      says: `it refuses for too many requests (${limited.length} of ${answersOf(node).length}${wait}): ${first.message}`,
      means: "listeners wait for transactions, and audits fall behind.",
      remedy: "a better plan, or TRANSACTION_LISTENER_REQUESTS_PER_SECOND below its limit.",
    }),
  ];
}

function stream({ name, stream: found, slots }: NodeFacts, wsName: string | null): readonly Check[] {
  const subject = wsName ?? name;
  if (found === null)
    return [skipped("solana.stream", "SOLANA_WS_URL has no address for this node", subject)];
  if ("failure" in found) {
    const remedy =
      found.failure === "refused" && found.status !== null
        ? found.status === TOO_MANY
          ? "a better plan, or fewer listeners with this key."
          : "correct SOLANA_WS_URL: path and key as the provider names them for WebSockets; a node of one's own has them on the port after that of JSON-RPC (8900)."
        : found.failure === "silent"
          ? "change the node: it is alive and tells nothing; one that does not serve slotSubscribe cannot be used."
          : "correct SOLANA_WS_URL, start the node, or open the firewall for WebSockets.";
    return [
      error("solana.stream", {
        subject,
        says: found.message,
        means:
          "a listener hears of no transaction from it, and brings all of them late, by audits, or not at all.",
        remedy,
      }),
    ];
  }
  const http = numberIn(slots[1]);
  if (http !== null && Math.abs(found.slot - http) > 10 * MAX_LAG_SLOTS)
    return [
      warning("solana.stream", {
        subject,
        says: `its subscription is at slot ${found.slot}, and JSON-RPC at ${http}`,
        means:
          "the two addresses lead to nodes that are far apart: transactions are announced that cannot be fetched.",
        remedy:
          "give both addresses of the same node, in the same order; ask the provider whether its load balancer mixes nodes.",
      }),
    ];
  return [ok("solana.stream", `slots come, the first after ${span(found.afterMs)}`, subject)];
}

function program(node: NodeFacts, programId: string): readonly Check[] {
  if (node.program.kind !== "result") return [];
  const { value } = (node.program.result ?? {}) as { readonly value?: readonly unknown[] };
  if (value?.[0] !== null) return [];
  return [
    warning("solana.program", {
      subject: node.name,
      says: `there is no program ${programId} on its chain`,
      means: "no coin is found and no trade is told.",
      remedy: "another network was meant (SOLANA_RPC_URL), or another program (COMMCOIN_PROGRAM_ID).",
    }),
  ];
}

/** Whether all nodes, and the listeners, are on one chain. */
function chains(nodes: readonly NodeFacts[], followed: string | null): readonly Check[] {
  const known = nodes.flatMap((node) => {
    const hash = genesisOf(node);
    return hash === null ? [] : [{ name: node.name, hash }];
  });
  const [first] = known;
  if (first === undefined) return [];
  const counts = new Map<string, number>();
  for (const { hash } of known) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  const most = Math.max(...counts.values());
  const leading = [...counts].filter(([, count]) => count === most).map(([hash]) => hash);
  const right = followed ?? (leading.length === 1 ? leading[0] : null);
  const odd = known.filter(({ hash }) => hash !== right);
  if (odd.length === 0)
    return [ok("solana.chain", `${known.length === 1 ? "the chain is" : "all are on chain"} ${first.hash}`)];
  const than = followed === null ? "the other nodes" : "the listeners follow";
  return odd.map(({ name, hash }) =>
    error("solana.chain", {
      subject: name,
      says: `it is of another chain (genesis hash ${hash}) than ${right === null ? "the other nodes" : than}`,
      means:
        "listeners set such a node aside: it stands in for nobody; where all of them are, another chain is told to clients.",
      remedy:
        "correct its address in SOLANA_RPC_URL and SOLANA_WS_URL: mainnet, devnet and a local node are chains of their own.",
    }),
  );
}

/**
 * Whether the nodes are fit for a listener.
 * @param followed the hash of the chain that the listeners follow, where they say so.
 */
export function checkNodes(
  nodes: readonly { readonly facts: NodeFacts; readonly wsName: string | null }[],
  {
    programId,
    followsProgram,
    followed,
    now,
  }: {
    readonly programId: string;
    readonly followsProgram: boolean;
    readonly followed: string | null;
    readonly now: number;
  },
): readonly Check[] {
  const all = nodes.map(({ facts }) => facts);
  const newest = [0, 1].map((turn) => {
    const slots = all.flatMap(({ slots }) => numberIn(slots[turn] as NodeAnswer) ?? []);
    return slots.length === 0 ? null : Math.max(...slots);
  });
  return [
    ...chains(all, followed),
    ...nodes.flatMap(({ facts, wsName }) => {
      const isAway = away(facts);
      const answers =
        isAway === null
          ? [
              ok("solana.http", "answers", facts.name),
              ...health(facts),
              ...lag(facts, newest, now),
              ...methods(facts),
              ...limits(facts),
              ...(followsProgram ? program(facts, programId) : []),
            ]
          : [isAway];
      return [...answers, ...stream(facts, wsName)];
    }),
  ];
}
