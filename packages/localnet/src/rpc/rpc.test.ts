import { getTransferSolInstruction } from "@solana-program/system";
import * as token from "@solana-program/token";
import {
  addSignersToInstruction,
  address,
  type Base64EncodedWireTransaction,
  generateKeyPairSigner,
  isSolanaError,
  lamports,
  type Signature,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE,
} from "@solana/kit";
import { describe, expect, it } from "vitest";
import { createCoinInstruction } from "../commcoin/instructions.ts";
import { openLocalnet, TEST_NOW_MS } from "../testing/localnet.ts";
import { signedTransaction } from "../testing/transactions.ts";

const base64 = (wire: Uint8Array) => Buffer.from(wire).toString("base64") as Base64EncodedWireTransaction;

const openWithTransfer = async () => {
  const opened = await openLocalnet();
  const { rpc, payer, localnet } = opened;
  const recipient = await generateKeyPairSigner();
  const { value } = await rpc.getLatestBlockhash({ commitment: "processed" }).send();
  const wire = await signedTransaction({
    payer,
    blockhash: value.blockhash,
    instructions: [
      getTransferSolInstruction({ source: payer, destination: recipient.address, amount: 1_000_000_000n }),
    ],
  });
  const signature = await rpc.sendTransaction(base64(wire), { encoding: "base64" }).send();
  localnet.advance();
  return { ...opened, recipient: recipient.address, wire, signature };
};

describe("kit's RPC client", () => {
  it("reads the state of the node", async () => {
    const { rpc, advance, localnet } = await openLocalnet();
    advance(9);
    expect(await rpc.getHealth().send()).toBe("ok");
    expect(await rpc.getVersion().send()).toMatchObject({
      "solana-core": expect.stringMatching(/^\d+\.\d+\.\d+$/),
    });
    expect(await rpc.getSlot({ commitment: "processed" }).send()).toBe(10n);
    expect(await rpc.getSlot({ commitment: "confirmed" }).send()).toBe(9n);
    expect(await rpc.getSlot({ commitment: "finalized" }).send()).toBe(6n);
    expect(await rpc.getBlockHeight({ commitment: "confirmed" }).send()).toBe(9n);
    expect(await rpc.getBlocks(2n, 5n, { commitment: "confirmed" }).send()).toEqual([2n, 3n, 4n, 5n]);
    expect(await rpc.getBlocks(7n, undefined, { commitment: "confirmed" }).send()).toEqual([7n, 8n, 9n]);
    expect(await rpc.getBlockTime(3n).send()).toBe(BigInt(TEST_NOW_MS / 1_000));
    expect(await rpc.getFirstAvailableBlock().send()).toBe(0n);
    expect(await rpc.minimumLedgerSlot().send()).toBe(0n);
    expect(await rpc.getGenesisHash().send()).toBe(localnet.ledger.genesisHash);
    expect(await rpc.getEpochInfo({ commitment: "processed" }).send()).toEqual({
      absoluteSlot: 10n,
      blockHeight: 10n,
      epoch: 0n,
      slotIndex: 10n,
      slotsInEpoch: 432_000n,
      transactionCount: 1n,
    });
    expect(await rpc.getRecentPrioritizationFees().send()).toEqual([]);
    expect(await rpc.getMinimumBalanceForRentExemption(165n).send()).toBe(2_039_280n);
  });

  it("sends a transaction, follows it, and reads it in every encoding", async () => {
    const { rpc, signature, wire, localnet, advance, payer, recipient } = await openWithTransfer();
    const status = async () => (await rpc.getSignatureStatuses([signature]).send()).value[0];
    expect(await status()).toMatchObject({ confirmationStatus: "processed", confirmations: 0n, slot: 2n });
    expect(
      await rpc.getTransaction(signature, { commitment: "confirmed", encoding: "json" }).send(),
    ).toBeNull();
    localnet.advance();
    expect(await status()).toMatchObject({ confirmationStatus: "confirmed", confirmations: 1n });

    const found = await rpc
      .getTransaction(signature, {
        commitment: "confirmed",
        encoding: "json",
        maxSupportedTransactionVersion: 0,
      })
      .send();
    expect(found).toMatchObject({
      slot: 2n,
      blockTime: BigInt(TEST_NOW_MS / 1_000),
      version: "legacy",
      transaction: { signatures: [signature] },
      meta: { err: null, fee: 5_000n, computeUnitsConsumed: 150n },
    });
    const encoded = await rpc
      .getTransaction(signature, { commitment: "confirmed", encoding: "base64" })
      .send();
    expect(encoded?.transaction).toEqual([base64(wire), "base64"]);
    expect(encoded).not.toHaveProperty("version");

    advance(4);
    expect(await status()).toMatchObject({ confirmationStatus: "finalized", confirmations: null });
    const [newest, ...older] = await rpc.getSignaturesForAddress(payer.address).send();
    expect(newest).toEqual({
      signature,
      slot: 2n,
      err: null,
      memo: null,
      blockTime: BigInt(TEST_NOW_MS / 1_000),
      confirmationStatus: "finalized",
      transactionIndex: 0,
    });
    expect(older).toHaveLength(1);
    expect(await rpc.getSignaturesForAddress(payer.address, { before: signature }).send()).toEqual(older);
    expect(await rpc.getSignaturesForAddress(payer.address, { limit: 1 }).send()).toEqual([newest]);
    expect((await rpc.getBalance(recipient).send()).value).toBe(1_000_000_000n);
  });

  it("reads blocks in every detail", async () => {
    const { rpc, signature, localnet, advance, payer } = await openWithTransfer();
    advance(1);
    const commitment = "confirmed" as const;
    const version = { maxSupportedTransactionVersion: 0 } as const;
    const block = await rpc.getBlock(2n, { commitment, encoding: "json", ...version }).send();
    const parent = await rpc.getBlock(1n, { commitment, transactionDetails: "none" }).send();
    expect(block).toMatchObject({
      parentSlot: 1n,
      blockHeight: 2n,
      previousBlockhash: parent?.blockhash,
      rewards: [],
      transactions: [{ transaction: { signatures: [signature] }, version: "legacy", meta: { err: null } }],
    });
    expect(parent).not.toHaveProperty("transactions");
    const signatures = await rpc.getBlock(2n, { commitment, transactionDetails: "signatures" }).send();
    expect(signatures?.signatures).toEqual([signature]);
    const accounts = await rpc
      .getBlock(2n, { commitment, transactionDetails: "accounts", rewards: false, ...version })
      .send();
    expect(accounts).not.toHaveProperty("rewards");
    expect(accounts?.transactions[0]?.transaction.accountKeys[0]).toEqual({
      pubkey: payer.address,
      signer: true,
      writable: true,
      source: "transaction",
    });
    expect(localnet.ledger.block(2)?.blockhash).toBe(block?.blockhash);
  });

  it("reads accounts at the commitment that was asked for", async () => {
    const { rpc, recipient, advance } = await openWithTransfer();
    const at = async (commitment: "processed" | "confirmed" | "finalized") =>
      (await rpc.getAccountInfo(recipient, { commitment, encoding: "base64" }).send()).value;
    expect(await at("confirmed")).toBeNull();
    expect(await at("processed")).toEqual({
      data: ["", "base64"],
      executable: false,
      lamports: 1_000_000_000n,
      owner: "11111111111111111111111111111111",
      rentEpoch: 18_446_744_073_709_551_615n,
      space: 0n,
    });
    advance(1);
    expect(await at("confirmed")).not.toBeNull();
    expect(await at("finalized")).toBeNull();
    advance(3);
    expect(await at("finalized")).not.toBeNull();
  });

  it("reads tokens", async () => {
    const { rpc, payer, localnet, advance } = await openLocalnet();
    const mint = await generateKeyPairSigner();
    localnet.send(
      await signedTransaction({
        payer,
        blockhash: localnet.engine.latestBlockhash(),
        instructions: [
          addSignersToInstruction([payer, mint], createCoinInstruction(payer.address, mint.address)),
        ],
      }),
    );
    advance(5);
    const supply = await rpc.getTokenSupply(mint.address).send();
    expect(supply.value).toEqual({
      amount: "1000000000000000",
      decimals: 6,
      uiAmount: 1_000_000_000,
      uiAmountString: "1000000000",
    });
    const holders = await rpc
      .getProgramAccounts(token.TOKEN_PROGRAM_ADDRESS, {
        encoding: "base64",
        filters: [{ dataSize: 165n }, { memcmp: { offset: 0n, bytes: mint.address, encoding: "base58" } }],
      })
      .send();
    const amounts = await Promise.all(
      holders.map(async ({ pubkey }) => (await rpc.getTokenAccountBalance(pubkey).send()).value.amount),
    );
    expect(amounts).toContain("1000000000000000");
    const [known, unknown] = (
      await rpc.getMultipleAccounts([mint.address, (await generateKeyPairSigner()).address]).send()
    ).value;
    expect(known).toMatchObject({ owner: token.TOKEN_PROGRAM_ADDRESS, space: 82n });
    expect(unknown).toBeNull();
  });

  it("gets lamports from the faucet, each time in another transaction", async () => {
    const { rpc, localnet } = await openLocalnet();
    const recipient = address("7dm9am6Qx7cH64RB99Mzf7ZsLbEfmXM7ihXXCvMiT2X1");
    const airdrop = () => rpc.requestAirdrop(recipient, lamports(5n * 10n ** 9n)).send();
    expect(await airdrop()).not.toBe(await airdrop());
    localnet.advance();
    expect((await rpc.getBalance(recipient, { commitment: "processed" }).send()).value).toBe(10n ** 10n);
  });

  it("is told why a transaction fails before it is sent, unless it skips that", async () => {
    const { rpc, payer, localnet } = await openLocalnet();
    const poor = await generateKeyPairSigner();
    const wire = await signedTransaction({
      payer,
      blockhash: localnet.engine.latestBlockhash(),
      instructions: [
        getTransferSolInstruction({ source: payer, destination: poor.address, amount: 10n ** 12n }),
      ],
    });
    const failure: unknown = await rpc
      .sendTransaction(base64(wire), { encoding: "base64" })
      .send()
      .catch((error: unknown) => error);
    expect(
      isSolanaError(failure, SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE),
    ).toBe(true);
    const signature: Signature = await rpc
      .sendTransaction(base64(wire), { encoding: "base64", skipPreflight: true })
      .send();
    const { executed } = localnet.advance().transactions[0] ?? {};
    expect(executed?.signature).toBe(signature);
    expect(executed?.meta.err).toEqual({ InstructionError: [0, { Custom: 1 }] });
    expect((await rpc.simulateTransaction(base64(wire), { encoding: "base64" }).send()).value).toMatchObject({
      err: "AlreadyProcessed",
    });
  });
});
