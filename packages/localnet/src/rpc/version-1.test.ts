import { getTransferSolInstruction } from "@solana-program/system";
import { address, getTransactionDecoder, type Instruction } from "@solana/kit";
import { describe, expect, it } from "vitest";
import { openLocalnet } from "../testing/localnet.ts";
import { call, openSocket } from "../testing/raw-rpc.ts";
import { signedTransaction } from "../testing/transactions.ts";

const CONFIG = {
  computeUnitLimit: 1_400_000,
  loadedAccountsDataSizeLimit: 1_000_000,
  priorityFeeLamports: 777n,
};
const refusal = (version: number) => ({
  code: -32015,
  message: `Transaction version (${version}) is not supported by the requesting client. Please try the request again with the following configuration parameter: "maxSupportedTransactionVersion": ${version}`,
});
/** Does nothing in version 1, whatever its data is. */
const padding = (bytes: number): Instruction => ({
  programAddress: address("ComputeBudget111111111111111111111111111111"),
  accounts: [],
  data: new Uint8Array(bytes).fill(0x61),
});

const open = async () => {
  const opened = await openLocalnet({ confirmationSlots: 0 });
  const { localnet, payer } = opened;
  const sign = (
    instructions: readonly Instruction[],
    config: Parameters<typeof signedTransaction>[0]["config"] = CONFIG,
  ) => signedTransaction({ payer, blockhash: localnet.engine.latestBlockhash(), instructions, config });
  const transfer = getTransferSolInstruction({ source: payer, destination: payer.address, amount: 1n });
  const send = async (wire: Uint8Array): Promise<Record<string, unknown>> =>
    call(localnet.httpUrl, "sendTransaction", [
      Buffer.from(wire).toString("base64"),
      { encoding: "base64", preflightCommitment: "processed" },
    ]);
  return { ...opened, sign, send, transfer };
};

describe("a transaction of version 1", () => {
  it("is executed, and shown as JSON and as bytes to clients that can read it", async () => {
    const { localnet, sign, send, transfer } = await open();
    const wire = await sign([transfer]);
    const { result: signature } = await send(wire);
    localnet.advance();

    const get = (options: object) =>
      call(localnet.httpUrl, "getTransaction", [signature, { commitment: "confirmed", ...options }]);
    const json = await get({ maxSupportedTransactionVersion: 1 });
    expect(json).toMatchObject({
      result: {
        version: 1,
        transaction: {
          signatures: [signature],
          message: {
            transactionConfig: {
              computeUnitLimit: 1_400_000,
              heapSize: null,
              loadedAccountsDataSizeLimit: 1_000_000,
              priorityFee: 777,
            },
          },
        },
        meta: { err: null, fee: 5_777 },
      },
    });
    const { meta, transaction } = json["result"] as { meta: object; transaction: { message: object } };
    expect(meta).not.toHaveProperty("loadedAddresses");
    expect(transaction.message).not.toHaveProperty("addressTableLookups");

    const encoded = await get({ maxSupportedTransactionVersion: 1, encoding: "base64" });
    const [text] = (encoded["result"] as { transaction: [string, string] }).transaction;
    expect(new Uint8Array(Buffer.from(text, "base64"))).toEqual(wire);
    expect(Object.keys(getTransactionDecoder().decode(wire).signatures)).toHaveLength(1);
  });

  it("is refused to others, with its whole block", async () => {
    const { localnet, sign, send, transfer } = await open();
    const { result: signature } = await send(await sign([transfer]));
    const slot = localnet.ledger.openSlot();
    localnet.advance();
    for (const asked of [{}, { maxSupportedTransactionVersion: 0 }]) {
      const options = { commitment: "confirmed", ...asked };
      expect(await call(localnet.httpUrl, "getTransaction", [signature, options])).toMatchObject({
        error: refusal(1),
      });
      for (const encoding of ["json", "base64"]) {
        const answer = await call(localnet.httpUrl, "getBlock", [slot, { ...options, encoding }]);
        expect(answer).toMatchObject({ error: refusal(1) });
      }
      const details = { ...options, transactionDetails: "signatures" };
      expect(await call(localnet.httpUrl, "getBlock", [slot, details])).toMatchObject({
        result: { signatures: [signature] },
      });
    }
    const readable = { commitment: "confirmed", maxSupportedTransactionVersion: 1 };
    expect(await call(localnet.httpUrl, "getBlock", [slot, readable])).toMatchObject({
      result: { transactions: [{ version: 1 }] },
    });
  });

  it("is not written as base58, which no node does for clients that read this version", async () => {
    const { localnet } = await open();
    const error = {
      code: -32602,
      message: "base58 encoding is not supported with maxSupportedTransactionVersion >= 1",
    };
    for (const encoding of ["base58", "binary"]) {
      const options = { commitment: "confirmed", encoding, maxSupportedTransactionVersion: 1 };
      expect(await call(localnet.httpUrl, "getBlock", [1, options])).toMatchObject({ error });
      const known = localnet.ledger.block(1)?.transactions[0]?.executed.signature;
      expect(await call(localnet.httpUrl, "getTransaction", [known, options])).toMatchObject({ error });
    }
  });

  it("makes the notification of a block say which version cannot be read", async () => {
    const { localnet, sign, send, transfer } = await open();
    const socket = await openSocket(localnet.wsUrl);
    socket.send({
      id: 1,
      method: "blockSubscribe",
      params: ["all", { commitment: "confirmed", maxSupportedTransactionVersion: 0 }],
    });
    expect(await socket.next()).toMatchObject({ id: 1 });
    await send(await sign([transfer]));
    localnet.advance();
    expect(await socket.next()).toMatchObject({
      params: { result: { value: { block: null, err: { UnsupportedTransactionVersion: 1 } } } },
    });
    socket.close();
  });

  it("may have 4,096 bytes, and no more; older ones 1,232", async () => {
    const { localnet, payer, sign, send } = await open();
    const rest = 4_096 - (await sign([padding(0)])).length;
    const largest = await sign([padding(rest)]);
    expect(largest).toHaveLength(4_096);
    const { result: signature } = await send(largest);
    localnet.advance();
    expect(localnet.ledger.transaction(signature as string)?.executed.meta.err).toBeNull();
    const oneMore = Uint8Array.of(...largest, 0);
    expect(await send(oneMore)).toMatchObject({
      error: { code: -32602, message: /too large: 5464|4097 bytes/ },
    });
    const blockhash = localnet.engine.latestBlockhash();
    const legacy = await signedTransaction({ payer, blockhash, instructions: [padding(1_200)] });
    expect(await send(legacy)).toMatchObject({
      error: { code: -32602, message: expect.stringMatching(/too large: \d+ bytes .*1232\)/) },
    });
  });

  it("is granted nothing that it does not ask for", async () => {
    const { localnet, sign, transfer } = await open();
    const run = async (config: object) => localnet.engine.simulate(await sign([transfer], config));
    await expect(run({ computeUnitLimit: 1_000 })).rejects.toMatchObject({
      error: "MaxLoadedAccountsDataSizeExceeded",
    });
    const { meta } = await run({ loadedAccountsDataSizeLimit: 100_000 });
    expect(meta).toMatchObject({ err: expect.anything(), fee: 5_000 });
  });

  it.each([
    ["a heap of an odd size", { heapSize: 33_000 }],
    ["a heap that is too large", { heapSize: 257 * 1_024 }],
  ])("is rejected for %s", async (_, wrong) => {
    const { localnet, sign, transfer } = await open();
    const wire = await sign([transfer], { ...CONFIG, heapSize: 32_768 });
    // Kit refuses to write it: the heap stands behind 8 bytes of fee and two limits of 4.
    const at = 42 + 32 * (wire[41] ?? 0) + 16;
    new DataView(wire.buffer).setUint32(at, wrong.heapSize, true);
    expect(() => localnet.engine.simulate(wire, { signatures: false })).toThrow(/a heap of/);
  });
});
