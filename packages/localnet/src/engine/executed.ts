import type { AccountState, ExecutedTransaction, TransactionMeta } from "../ledger/transaction.ts";
import { toBase58 } from "../wire/base58.ts";
import type { MachineRun } from "./machine.ts";
import type { PreparedTransaction } from "./prepared-transaction.ts";
import { tokenBalances } from "./token-balances.ts";

export interface AccountsAtOneMoment {
  readonly states: readonly (AccountState | null)[];
  readonly tokens: ReturnType<typeof tokenBalances>;
}

type ReadAccount = (address: string) => AccountState | null;

const atThisMoment = (
  keys: readonly string[],
  states: readonly (AccountState | null)[],
  accountOf: ReadAccount,
): AccountsAtOneMoment => {
  const stateOf: ReadAccount = (address) => {
    const index = keys.indexOf(address);
    return index < 0 ? accountOf(address) : (states[index] ?? null);
  };
  return { states, tokens: tokenBalances(keys, states, stateOf) };
};

/** States and token balances of a transaction's accounts, in the order of its keys. */
export const readAccounts = (keys: readonly string[], accountOf: ReadAccount): AccountsAtOneMoment =>
  atThisMoment(keys, keys.map(accountOf), accountOf);

/** The same after it ran: what it may not write is as it was. */
export const readWritten = (
  prepared: PreparedTransaction,
  before: AccountsAtOneMoment,
  accountOf: ReadAccount,
): AccountsAtOneMoment => {
  const { keys } = prepared;
  const states = keys.map((key, index) =>
    prepared.isWritable(index) ? accountOf(key) : (before.states[index] ?? null),
  );
  return atThisMoment(keys, states, accountOf);
};

export const sameState = (one: AccountState | null, other: AccountState | null): boolean =>
  one === other ||
  (one !== null &&
    other !== null &&
    one.lamports === other.lamports &&
    one.owner === other.owner &&
    one.executable === other.executable &&
    Buffer.from(one.data.buffer, one.data.byteOffset, one.data.length).equals(other.data));

const balances = ({ states }: AccountsAtOneMoment): number[] =>
  states.map((state) => Number(state?.lamports ?? 0n));

/** Puts a run into the shape in which nodes report transactions. */
export const toExecuted = (
  prepared: PreparedTransaction,
  run: MachineRun,
  before: AccountsAtOneMoment,
  after: AccountsAtOneMoment,
  fee: number,
): ExecutedTransaction => {
  const accounts = new Map<string, AccountState | null>();
  const accountsBefore = new Map<string, AccountState | null>();
  prepared.keys.forEach((key, index) => {
    const was = before.states[index] ?? null;
    const is = after.states[index] ?? null;
    if (sameState(was, is)) return;
    accounts.set(key, is);
    accountsBefore.set(key, was);
  });
  const innerInstructions = run.innerCalls.flatMap((calls, index) =>
    calls.length === 0
      ? []
      : [
          {
            index,
            instructions: calls.map((call) => ({
              programIdIndex: call.programIdIndex,
              accounts: call.accounts,
              data: toBase58(call.data),
              stackHeight: call.stackHeight,
            })),
          },
        ],
  );
  const meta: TransactionMeta = {
    err: run.error,
    status: run.error === null ? { Ok: null } : { Err: run.error },
    fee,
    preBalances: balances(before),
    postBalances: balances(after),
    innerInstructions,
    logMessages: run.logs,
    preTokenBalances: before.tokens,
    postTokenBalances: after.tokens,
    rewards: [],
    loadedAddresses: prepared.loaded,
    ...(run.returnData && {
      returnData: {
        programId: run.returnData.programId,
        data: [Buffer.from(run.returnData.data).toString("base64"), "base64"],
      },
    }),
    computeUnitsConsumed: run.computeUnits,
  };
  return {
    signature: prepared.signature,
    version: prepared.version,
    transaction: prepared.transaction,
    meta,
    accounts,
    accountsBefore,
  };
};
