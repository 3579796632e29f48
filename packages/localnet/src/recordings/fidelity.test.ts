import { getTransferSolInstruction } from "@solana-program/system";
import { TOKEN_PROGRAM_ADDRESS } from "@solana-program/token";
import { addSignersToInstruction, generateKeyPairSigner } from "@solana/kit";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createCoinInstruction } from "../commcoin/instructions.ts";
import { readRecordings } from "../replay/read-files.ts";
import { openLocalnet } from "../testing/localnet.ts";
import { call, openSocket } from "../testing/raw-rpc.ts";
import { shapeOf } from "../testing/shape.ts";
import { signedTransaction } from "../testing/transactions.ts";
import { findTestData } from "./test-data.ts";

const data = findTestData(process.env["COMMCOIN_TEST_DATA"]);
const folder = data.folder ?? "";

const readJson = (...path: string[]): unknown =>
  JSON.parse(readFileSync(join(folder, ...path), "utf8")) as unknown;
const recordedFrames = (start: string): unknown[] =>
  readdirSync(join(folder, "logs"))
    .filter((name) => name.startsWith(start))
    .map((name) => readJson("logs", name));

/** A local node on which a coin was created and bought, with subscriptions of every kind. */
const openBusy = async () => {
  const opened = await openLocalnet({ confirmationSlots: 0, finalitySlots: 1 });
  const { localnet, payer, advance } = opened;
  const mint = await generateKeyPairSigner();
  const send = async (...instructions: Parameters<typeof signedTransaction>[0]["instructions"]) =>
    localnet.send(
      await signedTransaction({ payer, blockhash: localnet.engine.latestBlockhash(), instructions }),
    );
  return {
    ...opened,
    socket: await openSocket(localnet.wsUrl),
    trade: async () => {
      const created = await send(
        addSignersToInstruction([payer, mint], createCoinInstruction(payer.address, mint.address)),
      );
      const failed = await send(
        getTransferSolInstruction({ source: payer, destination: mint.address, amount: 10n ** 15n }),
      );
      return { created, failed, advance };
    },
  };
};

describe.skipIf(data.folder === null)(`recorded answers of real nodes ${data.reason}`, () => {
  it("have the shape of ours, in notifications of every recorded kind", async () => {
    const { socket, trade, localnet, payer } = await openBusy();
    const options = { commitment: "confirmed", encoding: "base64" };
    const { created } = await trade();
    const subscriptions: readonly (readonly [string, unknown[]])[] = [
      ["logs", [{ mentions: [payer.address] }, options]],
      ["account", [payer.address, options]],
      ["program", [TOKEN_PROGRAM_ADDRESS, options]],
      ["signature", [created, options]],
      ["slot", []],
      ["root", []],
    ];
    for (const [kind, params] of subscriptions) {
      socket.send({ id: 1, method: `${kind}Subscribe`, params });
      const acknowledgement = shapeOf(await socket.next());
      expect(recordedFrames("ack-").map(shapeOf), kind).toContainEqual(acknowledgement);
    }
    localnet.advance();
    localnet.advance();
    const ours = new Map<unknown, unknown>();
    while (ours.size < subscriptions.length) {
      const frame = await socket.next();
      ours.set(frame["method"], shapeOf(frame));
    }
    for (const [kind] of subscriptions) {
      const recorded = recordedFrames(`${kind}Notification`).map(shapeOf);
      expect(recorded.length, kind).toBeGreaterThan(0);
      expect(recorded, kind).toContainEqual(ours.get(`${kind}Notification`));
    }
  });

  it("have the shape of ours, in errors and slot updates", async () => {
    const { socket, localnet } = await openBusy();
    const errors: unknown[] = [];
    for (const [method, params] of [
      ["accountSubscribe", ["nobody"]],
      ["voteSubscribe", []],
      ["slotUnsubscribe", [9_999]],
    ] as const) {
      socket.send({ id: 2, method, params });
      errors.push((await socket.next())["error"]);
    }
    const recordedErrors = recordedFrames("error-").map((frame) => (frame as { error: unknown }).error);
    expect(errors).toEqual(expect.arrayContaining(recordedErrors));

    socket.send({ id: 3, method: "slotsUpdatesSubscribe" });
    await socket.next();
    localnet.advance();
    const byType = new Map<unknown, unknown>();
    while (!byType.has("createdBank")) {
      const { params } = (await socket.next()) as { params: { result: { type: string } } };
      byType.set(params.result.type, shapeOf(params.result));
    }
    for (const frame of recordedFrames("slotsUpdatesNotification")) {
      const { result } = (frame as { params: { result: { type: string } } }).params;
      expect(byType.get(result.type)).toEqual(shapeOf(result));
    }
  });

  it("have the shape of ours, in transactions that were executed here", async () => {
    const { trade, localnet, advance } = await openBusy();
    const { created, failed } = await trade();
    advance(2);
    const read = async (signature: string) =>
      (await call(localnet.httpUrl, "getTransaction", [signature, { maxSupportedTransactionVersion: 0 }]))[
        "result"
      ] as { meta: Record<string, unknown>; transaction: { message: object } };
    const recorded = readdirSync(join(folder, "tx")).map((name) => readJson("tx", name)) as Awaited<
      ReturnType<typeof read>
    >[];
    const keysOf = (meta: object) =>
      Object.keys(meta)
        .filter((key) => key !== "costUnits")
        .sort();
    const recordedKeys = recorded.map(({ meta }) => keysOf(meta).join());
    const executed = await read(created);
    expect(recordedKeys).toContain(keysOf(executed.meta).join());
    expect(recorded.map((one) => shapeOf(one.meta["innerInstructions"]))).toContainEqual(
      shapeOf(executed.meta["innerInstructions"]),
    );
    expect(recorded.map((one) => shapeOf(one.meta["postTokenBalances"]))).toContainEqual(
      shapeOf(executed.meta["postTokenBalances"]),
    );
    expect(recorded.map((one) => shapeOf(one.transaction.message))).toContainEqual(
      shapeOf(executed.transaction.message),
    );
    const broken = await read(failed);
    expect(recorded.map((one) => shapeOf(one.meta["status"]))).toContainEqual(shapeOf(broken.meta["status"]));
  });

  it("are served again over the wire as they were recorded, but for their place", async () => {
    const { localnet, advance } = await openBusy();
    const { transactions } = readRecordings([join(folder, "tx")]);
    for (const executed of transactions) localnet.submit(executed);
    advance(2);
    const compared = { json: 0, base64: 0 };
    for (const name of readdirSync(join(folder, "tx"))) {
      const recorded = readJson("tx", name) as Record<string, unknown> & {
        transaction: { message?: { accountKeys?: unknown[]; compiledInstructions?: unknown } };
        meta: object;
      };
      const { message } = recorded.transaction;
      const encoding = Array.isArray(recorded.transaction) ? "base64" : "json";
      if (message && (typeof message.accountKeys?.[0] !== "string" || message.compiledInstructions)) continue;
      const [signature = ""] = name.split(".");
      const answer = await call(localnet.httpUrl, "getTransaction", [
        signature,
        { encoding, maxSupportedTransactionVersion: 0 },
      ]);
      const { meta, transaction } = answer["result"] as typeof recorded;
      expect({ meta, transaction }, name).toEqual({ meta: recorded.meta, transaction: recorded.transaction });
      compared[encoding] += 1;
    }
    expect(compared.json).toBeGreaterThan(100);
    expect(compared.base64).toBeGreaterThan(10);
  });

  it("have the shape of our blocks", async () => {
    const { localnet, advance, trade } = await openBusy();
    await trade();
    advance(2);
    const answer = await call(localnet.httpUrl, "getBlock", [
      2,
      { encoding: "base64", maxSupportedTransactionVersion: 0 },
    ]);
    const recorded = JSON.parse(
      gunzipSync(readFileSync(join(folder, "blocks", "mainnet-254170887.base64.json.gz"))).toString("utf8"),
    ) as Record<string, unknown> & { transactions: object[] };
    const ours = answer["result"] as typeof recorded;
    expect(Object.keys(ours)).toEqual(Object.keys(recorded));
    expect(Object.keys(ours.transactions[0] ?? {}).sort()).toEqual(
      Object.keys(recorded.transactions[0] ?? {}).sort(),
    );
  });

  it("have the shape of our account answers", async () => {
    const { localnet, payer, advance } = await openBusy();
    advance(2);
    const { response } = readJson(
      "accounts",
      "spl-token-mint-So11111111111111111111111111111111111111112.json",
    ) as { response: { result: unknown } };
    const account = await call(localnet.httpUrl, "getAccountInfo", [payer.address, { encoding: "base64" }]);
    expect(shapeOf(account["result"])).toEqual(shapeOf(response.result));
    const signatures = readJson("accounts", "getSignaturesForAddress-1.json") as {
      response: { result: [object] };
    };
    const ours = await call(localnet.httpUrl, "getSignaturesForAddress", [payer.address]);
    const { transactionIndex, ...first } = (ours["result"] as [Record<string, unknown>])[0];
    expect(transactionIndex).toBe(0);
    expect(shapeOf(first)).toEqual(shapeOf(signatures.response.result[0]));
  });
});
