import { createLocalnet, findTestData, readRecordings } from "@commcoin/localnet";
import { accountTopic, type EventFrame } from "@commcoin/protocol";
import { eventually } from "@commcoin/tsconfig/eventually";
import { afterEach, describe, expect, it } from "vitest";
import { createTransactionDecoder } from "./decode/decode-transaction.ts";
import type { DecodedTransaction } from "./decode/decoded-transaction.ts";
import { COMMCOIN } from "./testing/commcoin-market.ts";
import { readTopic } from "./testing/read-topic.ts";
import { startListener } from "./testing/start-listener.ts";

const data = findTestData(process.env["COMMCOIN_TEST_DATA"]);
const RECORDINGS = 181;

type TransactionFrame = Extract<EventFrame, { type: "TransactionUpdate" }>;

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const decode = createTransactionDecoder({ commcoinProgramId: COMMCOIN });

/** What a published transaction says of itself, without its place on the chain. */
const published = ({ data }: TransactionFrame) => ({
  user_id: data.user_id,
  kind: data.kind,
  program_id: data.program_id,
  token_id: data.token_id,
  token_amount: data.token_amount,
  sol_amount: data.sol_amount,
  instructions: data.instructions,
  accounts: data.accounts,
  error: data.error,
});

const expected = ({ summary, instructions, accounts, feePayer, error }: DecodedTransaction) => ({
  user_id: feePayer,
  kind: summary.kind,
  program_id: summary.program_id,
  token_id: summary.token_id,
  token_amount: summary.token_amount,
  sol_amount: summary.sol_amount,
  instructions,
  accounts,
  error,
});

/** Counts, by program and kind, as lines of a table. */
function table(frames: readonly TransactionFrame[]): string {
  const counts = new Map<string, number>();
  for (const { data } of frames) {
    const row = `${data.program_id.padEnd(44)}  ${data.kind.padEnd(28)}  ${data.status.padEnd(9)}`;
    counts.set(row, (counts.get(row) ?? 0) + 1);
  }
  const rows = [...counts].sort(([a, x], [b, y]) => y - x || a.localeCompare(b));
  const header = `${"program".padEnd(44)}  ${"kind".padEnd(28)}  ${"status".padEnd(9)}  count`;
  const total = `${"all".padEnd(44)}  ${"".padEnd(28)}  ${"".padEnd(9)}  ${String(frames.length).padStart(5)}`;
  return [header, ...rows.map(([row, count]) => `${row}  ${String(count).padStart(5)}`), total].join("\n");
}

describe.skipIf(data.folder === null)(`recorded mainnet transactions ${data.reason}`, () => {
  it("are ingested, decoded and published exactly once each", async () => {
    const folder = `${data.folder}/tx`;
    const { transactions } = readRecordings([folder]);
    expect(transactions).toHaveLength(RECORDINGS);
    const payers = [
      ...new Set(transactions.flatMap(({ transaction }) => transaction.message.accountKeys.slice(0, 1))),
    ];

    const localnet = await createLocalnet({ slotMs: 50 });
    cleanUps.push(() => localnet.stop());
    const running = await startListener({
      SOLANA_RPC_URL: localnet.httpUrl,
      SOLANA_WS_URL: localnet.wsUrl,
      TRANSACTION_LISTENER_TOKENS: "all",
      TRANSACTION_LISTENER_ACCOUNTS: payers.join(),
      TRANSACTION_LISTENER_FINALITY_INTERVAL: "0",
    });
    cleanUps.push(() => running.listener.stop());
    const { broker } = running;
    // What the programs do comes with whole blocks.
    const subscriptions = payers.length;
    await eventually(async () => expect(await running.metric("subscriptions")).toBe(subscriptions));

    await localnet.replay([folder], { perSecond: 200 });
    await eventually(async () => expect(await readTopic(broker, "transactions")).toHaveLength(RECORDINGS));
    // Whatever was found by more than one subscription would come now.
    const slot = localnet.ledger.openSlot();
    await eventually(() => expect(localnet.ledger.slot("confirmed")).toBeGreaterThan(slot + 3));
    const frames = (await readTopic(broker, "transactions")).filter(
      (frame): frame is TransactionFrame => frame.type === "TransactionUpdate",
    );
    process.stdout.write(`\n${table(frames)}\n\n`);

    expect(frames.map(({ data }) => data.transaction_id).sort()).toEqual(
      transactions.map(({ signature }) => signature).sort(),
    );
    expect(frames.map(({ offset }) => offset)).toEqual(Array.from({ length: RECORDINGS }, (_, n) => n + 1));
    expect(await running.metric("decode_errors_total")).toBe(0);
    expect(await running.metric("unavailable_transactions_total")).toBe(0);
    expect(await running.metric("transactions_total")).toBe(RECORDINGS);
    // Payers, the token programs and the program overlap: each of these was repeated, and dropped.
    expect(await running.metric("notifications_total")).toBe(
      RECORDINGS + (await running.metric("duplicates_total")),
    );

    for (const payer of payers) {
      const mentioning = frames.filter(({ data }) => data.accounts.includes(payer)).map(({ id }) => id);
      const ofAccount = await readTopic(broker, accountTopic(payer));
      expect(
        ofAccount.map(({ id }) => id),
        payer,
      ).toEqual(mentioning);
    }

    const bySignature = new Map(frames.map((frame) => [frame.data.transaction_id, frame]));
    for (const { signature, transaction, meta, version } of transactions) {
      const frame = bySignature.get(signature);
      const direct = decode({ slot: 0, blockTime: null, transaction, meta, version });
      expect(frame && published(frame), signature).toEqual(expected(direct));
    }
  });
});
