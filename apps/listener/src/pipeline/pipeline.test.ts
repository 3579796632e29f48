import { createMemoryBroker } from "@commcoin/broker";
import { createMetricsRegistry, silentLogger } from "@commcoin/service/telemetry";
import { eventually } from "@commcoin/tsconfig/eventually";
import type { RpcTransport } from "@solana/kit";
import { describe, expect, it } from "vitest";
import { decodeOnce } from "../decode/decode-once.ts";
import { createTransactionDecoder } from "../decode/decode-transaction.ts";
import { createMarket } from "../market/market.ts";
import { createListenerMetrics } from "../metrics/listener-metrics.ts";
import type { SignatureNotification } from "../model/notification.ts";
import { createSeenSlots } from "../progress/seen-slots.ts";
import { createNodeRpc } from "../rpc/node-rpc.ts";
import { withReadableAnswers } from "../rpc/with-readable-answers.ts";
import { createCredit } from "../sources/credit.ts";
import { createStreamCounts } from "../sources/stream-counts.ts";
import { createThrottledLog } from "../support/throttled-log.ts";
import { COMMCOIN } from "../testing/commcoin-market.ts";
import { endlessTerm } from "../testing/endless-term.ts";
import { rpcError } from "../testing/node-errors.ts";
import { readTopic } from "../testing/read-topic.ts";
import { createIntake } from "./intake.ts";
import { createInterpreter } from "./interpret.ts";
import { createPipeline } from "./pipeline.ts";
import { createPublisher } from "./publisher.ts";

const PAYER = "Vote111111111111111111111111111111111111111";
const SYSTEM = "11111111111111111111111111111111";

const trouble = rpcError(-32_603);

const signature = (letter: string): string => letter.repeat(88);
const notification = (
  letter: string,
  source: SignatureNotification["source"] = "program",
): SignatureNotification => ({
  signature: signature(letter),
  slot: 7,
  address: PAYER,
  err: null,
  source,
  endpoint: "node",
  origin: "live",
  receivedAt: performance.now(),
});

/** A transaction that does nothing, as a node gives it. */
const transaction = (letter: string, meta: object = {}) => ({
  slot: 7,
  blockTime: 1_700_000_000,
  transaction: {
    signatures: [signature(letter)],
    message: {
      header: { numRequiredSignatures: 1, numReadonlySignedAccounts: 0, numReadonlyUnsignedAccounts: 1 },
      accountKeys: [PAYER, SYSTEM],
      recentBlockhash: SYSTEM,
      instructions: [{ programIdIndex: 1, accounts: [], data: "" }],
    },
  },
  meta: { err: null, status: { Ok: null }, fee: 5_000, preBalances: [9, 1], postBalances: [4, 1], ...meta },
});

type Answer = (letter: string) => Promise<unknown>;

/** A pipeline on a node that the test answers for. */
function setUp(answer: Answer, { isAudited = true, hasOthers = false } = {}) {
  const asked: string[] = [];
  const transport: RpcTransport = async <Response>({ payload }: { payload: unknown }) => {
    const letter = (payload as { params: [string] }).params[0].charAt(0);
    asked.push(letter);
    return { jsonrpc: "2.0", id: "1", result: await answer(letter) } as Response;
  };
  const decode = decodeOnce(createTransactionDecoder({ commcoinProgramId: COMMCOIN }));
  const rpc = createNodeRpc(withReadableAnswers(transport, decode));
  const broker = createMemoryBroker();
  const metrics = createListenerMetrics(createMetricsRegistry("listener"));
  const log = silentLogger;
  const publisher = createPublisher({ broker, term: endlessTerm, log, metrics });
  const audience = {
    commcoinProgramId: COMMCOIN,
    watchedPrograms: new Set<string>(),
    watchedAccounts: new Set([PAYER]),
  };
  const market = createMarket();
  const seen = createSeenSlots(100);
  const interpret = createInterpreter({ market, audience, onCreated: () => {}, now: () => 0 });
  const indexes: (number | null)[] = [];
  const pipeline = createPipeline({
    rpc: { live: rpc, catch_up: rpc, audit: rpc },
    decode,
    names: { find: () => Promise.resolve(null) },
    publishedSlot: -1,
    isAudited: () => isAudited,
    interpret(...about) {
      indexes.push(about[3]);
      return interpret(...about);
    },
    publisher,
    onPublished: () => {},
    seen,
    credit: createCredit({ onChange: () => {} }),
    hasOthers: () => hasOthers,
    mentionsFollowed: () => false,
    onDisowned: () => {},
    window: 8,
    onFull: () => {},
    log,
    throttledLog: createThrottledLog(log),
    metrics,
  });
  const intake = createIntake({
    seen,
    take: (item) => pipeline.take(item),
    untilCapacity: (signal) => pipeline.untilCapacity(signal),
    counts: createStreamCounts(metrics),
    metrics,
  });
  const stop = new AbortController();
  const running = Promise.all([pipeline.run(stop.signal), publisher.run(stop.signal)]);
  const finish = async (): Promise<string> => {
    await eventually(() => expect(pipeline.unfinished).toBe(0));
    pipeline.close();
    publisher.close();
    await running;
    const frames = await readTopic(broker, "transactions");
    return frames.map(({ id, data }) => `${id.charAt(0)} ${"kind" in data ? data.kind : ""}`).join(", ");
  };
  const abort = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  const total = async (
    name: "decodeErrors" | "lostFetches" | "nullFetches" | "duplicates",
  ): Promise<number> => (await metrics[name].get()).values.reduce((sum, { value }) => sum + value, 0);
  return {
    offer: (item: SignatureNotification) => intake.offer(item),
    asked,
    abort,
    finish,
    total,
    broker,
    indexes,
    pipeline,
  };
}

describe("pipeline", () => {
  it.each([
    ["in slots before it", 1],
    ["in its own slot", 7],
    ["in slots that are far ahead", 9_000],
  ])("lets nothing wait for a crowd of what no node knows, %s", async (_, slot) => {
    let isOver = (): void => {};
    const over = new Promise<null>((resolve) => {
      isOver = () => resolve(null);
    });
    const once = new Set<string>();
    const scene = setUp(
      (letter) => {
        if (letter < "a") return Promise.resolve(transaction(letter));
        if (once.has(letter)) return over;
        once.add(letter);
        return Promise.resolve(null);
      },
      { hasOthers: true },
    );
    const lies = "abcdefghijkmnop";
    for (const letter of lies) scene.offer({ ...notification(letter), slot });
    scene.offer({ ...notification("A"), endpoint: "other node" });
    await eventually(() => expect(scene.pipeline.published).toBe(1));
    // What waited behind the crowd was never asked for.
    expect(new Set(scene.asked).size).toBeLessThan(lies.length);
    // What was left can be brought by another node, and is asked for then.
    scene.offer({ ...notification("p"), endpoint: "other node" });
    await eventually(() => expect(scene.asked).toContain("p"));
    isOver();
    await scene.abort();
    expect(scene.pipeline.published).toBe(1);
  });

  it("gives what stepped aside its place when it is there", async () => {
    let isKnown = false;
    const scene = setUp((letter) => Promise.resolve(letter === "Z" || isKnown ? transaction(letter) : null), {
      hasOthers: true,
    });
    for (const letter of "ABCD") scene.offer(notification(letter));
    scene.offer({ ...notification("Z"), endpoint: "other node" });
    await eventually(() => expect(scene.pipeline.published).toBe(1));
    isKnown = true;
    const published = await scene.finish();
    expect(published.split(", ").toSorted()).toEqual("ABCDZ".split("").map((letter) => `${letter} unknown`));
    expect(published).toMatch(/^Z/);
  });

  it("leaves what stepped aside and came after the end to the next publisher", async () => {
    let answer = (): void => {};
    const late = new Promise<void>((resolve) => {
      answer = resolve;
    });
    let asked = 0;
    const scene = setUp(
      async (letter) => {
        asked += 1;
        if (asked <= "ABCD".length) return null;
        await late;
        return transaction(letter);
      },
      { hasOthers: true },
    );
    for (const letter of "ABCD") scene.offer(notification(letter));
    await eventually(() => expect(asked).toBeGreaterThan("ABCD".length));
    scene.pipeline.close();
    answer();
    await eventually(() => expect(scene.pipeline.waiting).toBe(0));
    await scene.abort();
    expect(scene.pipeline.published).toBe(0);
    expect(scene.pipeline.oldestUnfinished).toBe(7);
  });

  it("asks for each transaction once, whatever reports it, and publishes in the order of the reports", async () => {
    let answerA = (): void => {};
    const late = new Promise<void>((resolve) => {
      answerA = resolve;
    });
    const { offer, asked, finish, total, broker } = setUp(async (letter) => {
      if (letter === "A") await late;
      else answerA();
      return transaction(letter);
    });
    for (const letter of "ABCABC") offer(notification(letter));
    offer(notification("B", "token"));
    expect(await finish()).toBe("A unknown, B unknown, C unknown");
    expect(asked).toEqual(["A", "B", "C"]);
    expect(await total("duplicates")).toBe(4);
    expect(await readTopic(broker, `account:${PAYER}`)).toHaveLength(3);
  });

  it("publishes what is known of a transaction that it cannot decode", async () => {
    const { offer, finish, total, broker } = setUp((letter) =>
      Promise.resolve(transaction(letter, letter === "B" ? { innerInstructions: "nonsense" } : {})),
    );
    for (const letter of "ABC") offer(notification(letter));
    expect(await finish()).toBe("A unknown, B unknown, C unknown");
    expect(await total("decodeErrors")).toBe(1);
    const frame = (await readTopic(broker, "transactions"))[1];
    expect(frame?.data).toMatchObject({
      transaction_id: signature("B"),
      status: "confirmed",
      user_id: PAYER,
      program_id: SYSTEM,
      instructions: [],
      accounts: [PAYER, SYSTEM],
      fee: "0.000005",
      slot: 7,
      block_time: 1_700_000_000,
    });
  });

  it("takes a place in the block that is none for unknown", async () => {
    const places: Record<string, unknown> = { A: 3, B: 1.5, C: -1, D: 2 ** 60 };
    const { offer, finish, indexes } = setUp((letter) =>
      Promise.resolve({
        ...transaction(letter),
        slot: letter.charCodeAt(0),
        transactionIndex: places[letter],
      }),
    );
    for (const letter of "ABCD") offer({ ...notification(letter), slot: letter.charCodeAt(0) });
    await finish();
    expect(indexes).toEqual([3, null, null, null]);
  });

  it("goes on behind a transaction of which nothing can be read", async () => {
    const { offer, finish, total, pipeline } = setUp((letter) =>
      Promise.resolve(letter === "B" ? { slot: 7, transaction: 12 } : transaction(letter)),
    );
    for (const letter of "ABC") offer(notification(letter));
    await eventually(async () => expect(await total("lostFetches")).toBe(1));
    expect([pipeline.oldestUnfinished, pipeline.isLost(signature("B"))]).toEqual([7, true]);
    for (let audit = 0; audit < 5; audit += 1) pipeline.audited(PAYER, 7);
    expect(await finish()).toBe("A unknown, C unknown");
    expect(await total("decodeErrors")).toBe(1);
  });

  it.each([
    ["a number", 12],
    ["another transaction", transaction("Z")],
    ["a transaction with nonsense in it", transaction("B", { innerInstructions: "nonsense" })],
  ])("asks again where a node answers with %s", async (_, nonsense) => {
    let answers = 0;
    const { offer, finish, total } = setUp((letter) => {
      if (letter !== "B") return Promise.resolve(transaction(letter));
      answers += 1;
      return Promise.resolve(answers === 1 ? nonsense : transaction(letter));
    });
    for (const letter of "ABC") offer(notification(letter));
    expect(await finish()).toBe("A unknown, B unknown, C unknown");
    expect([answers, await total("decodeErrors"), await total("lostFetches")]).toEqual([2, 0, 0]);
  });

  it("takes a transaction up again that could not be had the first time", async () => {
    let known = false;
    const refusal = rpcError(-32_602);
    const { offer, finish, total } = setUp((letter) =>
      known || letter === "B" ? Promise.resolve(transaction(letter)) : Promise.reject(refusal),
    );
    offer(notification("A"));
    offer(notification("B"));
    await eventually(async () => expect(await total("lostFetches")).toBe(1));
    known = true;
    offer(notification("A"));
    expect(await finish()).toBe("B unknown, A unknown");
  });

  it("keeps the slot of a transaction unfinished while nodes cannot give it for reasons of their own", async () => {
    let broken = true;
    const { asked, offer, finish, total, pipeline } = setUp((letter) =>
      broken ? Promise.reject(trouble) : Promise.resolve(transaction(letter)),
    );
    offer(notification("A"));
    await eventually(() => expect(asked.length).toBeGreaterThan(1));
    expect([pipeline.oldestUnfinished, pipeline.unfinished, await total("lostFetches")]).toEqual([7, 1, 0]);
    broken = false;
    expect(await finish()).toBe("A unknown");
  });

  /** A node that does not know A for as long as the test says. */
  const forgetful = () => {
    const state = { knowsA: false };
    const answer = (letter: string): Promise<unknown> =>
      Promise.resolve(letter === "A" && !state.knowsA ? null : transaction(letter));
    return { state, answer };
  };

  it("knows what was announced and could not be had, until it is published", async () => {
    const { state, answer } = forgetful();
    const { offer, finish, total, pipeline } = setUp(answer);
    offer(notification("A"));
    await eventually(async () => expect(await total("lostFetches")).toBe(1));
    expect([pipeline.isLost(signature("A")), pipeline.isLost(signature("B"))]).toEqual([true, false]);
    expect([pipeline.oldestUnfinished, pipeline.unfinished]).toEqual([7, 1]);
    state.knowsA = true;
    offer(notification("A"));
    expect(await finish()).toBe("A unknown");
  });

  it("does not wait for an audit where there is none", async () => {
    const { answer } = forgetful();
    const { offer, finish, total, pipeline } = setUp(answer, { isAudited: false });
    offer(notification("A"));
    await eventually(async () => expect(await total("lostFetches")).toBe(1));
    expect([pipeline.oldestUnfinished, pipeline.unfinished]).toEqual([null, 0]);
    expect(await finish()).toBe("");
  });

  it("sets aside the one that nodes refuse while they give others, and publishes those", async () => {
    const { offer, total, finish, broker, pipeline } = setUp((letter) =>
      letter === "A" ? Promise.reject(trouble) : Promise.resolve(transaction(letter)),
    );
    for (const letter of "ABC") offer(notification(letter));
    await eventually(async () => expect(await readTopic(broker, "transactions")).toHaveLength(2));
    expect(await total("lostFetches")).toBe(1);
    await eventually(() => expect(pipeline.unfinished).toBe(1));
    expect([pipeline.oldestUnfinished, pipeline.isLost(signature("A"))]).toEqual([7, true]);
    for (let audit = 0; audit < 5; audit += 1) pipeline.audited(PAYER, 7);
    expect(pipeline.oldestUnfinished).toBeNull();
    expect(await finish()).toBe("B unknown, C unknown");
  });

  it("lets nobody wait for room when it is told to stop", async () => {
    const never = new Promise(() => {});
    const { abort, pipeline } = setUp(() => never);
    for (let n = 0; n < 20_000; n += 1) pipeline.take({ ...notification("A"), signature: String(n) });
    const asked = pipeline.untilCapacity(new AbortController().signal);
    await abort();
    await expect(asked).resolves.toBeUndefined();
  });
});
