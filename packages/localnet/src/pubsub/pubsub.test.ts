import { setMaxListeners } from "node:events";
import { getTransferSolInstruction, SYSTEM_PROGRAM_ADDRESS } from "@solana-program/system";
import { generateKeyPairSigner, type Signature } from "@solana/kit";
import { describe, expect, it } from "vitest";
import { openLocalnet } from "../testing/localnet.ts";
import { openSocket } from "../testing/raw-rpc.ts";
import { signedTransaction } from "../testing/transactions.ts";
import { decodeTransaction } from "../wire/transaction.ts";

const open = async () => {
  const opened = await openLocalnet();
  const { localnet, payer } = opened;
  const transfer = async (lamports: bigint, to = payer.address) =>
    localnet.send(
      await signedTransaction({
        payer,
        blockhash: localnet.engine.latestBlockhash(),
        instructions: [getTransferSolInstruction({ source: payer, destination: to, amount: lamports })],
      }),
    );
  return { ...opened, transfer, socket: await openSocket(localnet.wsUrl) };
};

/** The next item of a subscription that is set up already. */
const nextOf = async <T>(items: AsyncIterable<T>): Promise<T> => {
  for await (const item of items) return item;
  throw new Error("The subscription ended");
};

describe("kit's subscriptions client", () => {
  it("receives logs, signatures, accounts, programs, slots, roots and blocks", async () => {
    const { subscriptions, payer, localnet } = await openLocalnet({ slotMs: 20 });
    const aborter = new AbortController();
    // Kit listens to the signal several times for each subscription.
    setMaxListeners(0, aborter.signal);
    const options = { abortSignal: aborter.signal };
    const commitment = "confirmed" as const;
    const wire = await signedTransaction({
      payer,
      blockhash: localnet.engine.latestBlockhash(),
      instructions: [getTransferSolInstruction({ source: payer, destination: payer.address, amount: 1n })],
    });
    const signature = decodeTransaction(wire).transaction.signatures[0] as Signature;
    const subscribed = await Promise.all([
      subscriptions.logsNotifications({ mentions: [payer.address] }, { commitment }).subscribe(options),
      subscriptions.signatureNotifications(signature, { commitment }).subscribe(options),
      subscriptions
        .accountNotifications(payer.address, { commitment, encoding: "base64" })
        .subscribe(options),
      subscriptions
        .programNotifications(SYSTEM_PROGRAM_ADDRESS, { commitment, encoding: "base64" })
        .subscribe(options),
      subscriptions.slotNotifications().subscribe(options),
      subscriptions.rootNotifications().subscribe(options),
      subscriptions
        .blockNotifications("all", {
          commitment,
          encoding: "json",
          transactionDetails: "full",
          showRewards: true,
          maxSupportedTransactionVersion: 0,
        })
        .subscribe(options),
      subscriptions.slotsUpdatesNotifications().subscribe(options),
    ] as const);
    const received = Promise.all([
      nextOf(subscribed[0]),
      nextOf(subscribed[1]),
      nextOf(subscribed[2]),
      nextOf(subscribed[3]),
      nextOf(subscribed[4]),
      nextOf(subscribed[5]),
      nextOf(subscribed[6]),
      nextOf(subscribed[7]),
    ] as const);
    localnet.send(wire);
    const [logs, status, account, program, slot, root, block, update] = await received;
    aborter.abort();
    expect(logs).toMatchObject({ value: { signature, err: null, logs: expect.any(Array) } });
    expect(status.value).toEqual({ err: null });
    expect(account.value).toMatchObject({ owner: SYSTEM_PROGRAM_ADDRESS, space: 0n });
    expect(program.value).toMatchObject({ pubkey: payer.address, account: { data: ["", "base64"] } });
    expect(slot.parent).toBe(slot.slot - 1n);
    expect(root).toBeTypeOf("bigint");
    expect(block.value).toMatchObject({ slot: block.context.slot, err: null });
    expect(update).toMatchObject({ type: expect.any(String), timestamp: expect.any(BigInt) });
  });
});

describe("subscriptions on the wire", () => {
  it("acknowledges first, and then reports each commitment in its time", async () => {
    const { socket, transfer, localnet, payer, advance } = await open();
    advance(5);
    for (const commitment of ["processed", "confirmed", "finalized"]) {
      socket.send({
        id: commitment,
        method: "logsSubscribe",
        params: [{ mentions: [payer.address] }, { commitment }],
      });
    }
    const ids = [await socket.next(), await socket.next(), await socket.next()].map((ack) => ack["result"]);
    expect(new Set(ids).size).toBe(3);
    const signature = await transfer(1n);
    for (const [slots, id] of [1, 1, 3].map((slots, index) => [slots, ids[index]] as const)) {
      for (let slot = 0; slot < slots; slot += 1) localnet.advance();
      const notification = await socket.next();
      expect(notification).toMatchObject({
        method: "logsNotification",
        params: {
          subscription: id,
          result: { context: { slot: 7 }, value: { signature, err: null, logs: expect.any(Array) } },
        },
      });
    }
  });

  it("gives equal parameters one id, and knows no id twice", async () => {
    const { socket } = await open();
    socket.send({ id: 1, method: "slotSubscribe" });
    socket.send({ id: 2, method: "slotSubscribe" });
    const [first, second] = [await socket.next(), await socket.next()];
    expect(second["result"]).toBe(first["result"]);
    const unsubscribe = { method: "slotUnsubscribe", params: [first["result"]] };
    socket.send({ id: 3, ...unsubscribe });
    expect(await socket.next()).toEqual({ jsonrpc: "2.0", result: true, id: 3 });
    socket.send({ id: 4, ...unsubscribe });
    expect(await socket.next()).toEqual({
      jsonrpc: "2.0",
      error: { code: -32602, message: "Invalid subscription id." },
      id: 4,
    });
  });

  it.each([
    ["voteSubscribe", [], -32601, "Method not found"],
    ["logsSubscribe", [{ mentions: [] }], -32602, "Invalid Request: Only 1 address supported"],
    ["logsSubscribe", [{ mentions: ["nobody"] }], -32602, "Invalid Request: Invalid mentions provided"],
    ["accountSubscribe", ["nobody"], -32602, "Invalid Request: Invalid pubkey provided"],
    ["programSubscribe", ["nobody"], -32602, "Invalid Request: Invalid pubkey provided"],
    ["signatureSubscribe", ["nobody"], -32602, "Invalid Request: Invalid signature provided"],
    [
      "blockSubscribe",
      ["all", { commitment: "processed" }],
      -32602,
      "Method does not support commitment below `confirmed`",
    ],
  ])("refuses %s %j as a real node does", async (method, params, code, message) => {
    const { socket } = await open();
    socket.send({ id: 1, method, params });
    expect(await socket.next()).toEqual({ jsonrpc: "2.0", error: { code, message }, id: 1 });
  });

  it("reports a signature once, on request also that it was received, and forgets it", async () => {
    const { socket, localnet, payer } = await open();
    const wire = await signedTransaction({
      payer,
      blockhash: localnet.engine.latestBlockhash(),
      instructions: [
        getTransferSolInstruction({ source: payer, destination: payer.address, amount: 10n ** 18n }),
      ],
    });
    const executed = localnet.engine.execute(wire);
    socket.send({
      id: 1,
      method: "signatureSubscribe",
      params: [executed.signature, { commitment: "processed", enableReceivedNotification: true }],
    });
    const { result: subscription } = await socket.next();
    localnet.submit(executed);
    expect((await socket.next())["params"]).toEqual({
      result: { context: { slot: 2 }, value: "receivedSignature" },
      subscription,
    });
    localnet.advance();
    expect((await socket.next())["params"]).toEqual({
      result: { context: { slot: 2 }, value: { err: { InstructionError: [0, { Custom: 1 }] } } },
      subscription,
    });
    socket.send({ id: 2, method: "signatureUnsubscribe", params: [subscription] });
    expect(await socket.next()).toMatchObject({ error: { code: -32602 } });
  });

  it("reports accounts of a program once a slot, in their final state, and a closed account as empty", async () => {
    const { socket, transfer, localnet } = await open();
    const other = await generateKeyPairSigner();
    socket.send({
      id: 1,
      method: "accountSubscribe",
      params: [other.address, { commitment: "processed", encoding: "base64" }],
    });
    await socket.next();
    await transfer(2_000_000n, other.address);
    await transfer(3_000_000n, other.address);
    localnet.advance();
    const text = await socket.nextText();
    expect(text).toContain('"lamports":5000000,');
    expect(text).toContain('"rentEpoch":18446744073709551615');
    localnet.send(
      await signedTransaction({
        payer: other,
        blockhash: localnet.engine.latestBlockhash(),
        instructions: [getTransferSolInstruction({ source: other, destination: other.address, amount: 1n })],
      }),
    );
    localnet.advance();
    expect(await socket.nextText()).toContain('"lamports":4995000,');
  });

  it("answers no request without an id, and drops a client that sends too much", async () => {
    const { socket } = await open();
    socket.send({ method: "ping" });
    socket.send({ id: 1, method: "rootSubscribe" });
    expect(await socket.next()).toMatchObject({ id: 1 });
    socket.sendText("{");
    expect(await socket.next()).toEqual({
      jsonrpc: "2.0",
      error: { code: -32700, message: "Parse error" },
      id: null,
    });
    socket.sendText(`"${"x".repeat(4_096)}"`);
    expect(await socket.closed).toBe(1006);
  });

  it("walks slots in the order of a real node", async () => {
    const { socket, localnet } = await open();
    socket.send({ id: 1, method: "slotsUpdatesSubscribe" });
    await socket.next();
    for (let slot = 0; slot < 4; slot += 1) localnet.advance();
    const types: unknown[] = [];
    while (types.at(-1) !== "root") {
      const { params } = (await socket.next()) as { params: { result: { slot: number; type: string } } };
      types.push(params.result.type);
    }
    expect(types.slice(0, 5)).toEqual([
      "completed",
      "frozen",
      "optimisticConfirmation",
      "firstShredReceived",
      "createdBank",
    ]);
  });
});
