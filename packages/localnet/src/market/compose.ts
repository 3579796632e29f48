import { type Address, type Instruction, type KeyPairSigner, addSignersToInstruction } from "@solana/kit";
import {
  getBurnInstruction,
  getCloseAccountInstruction,
  getCreateAssociatedTokenIdempotentInstruction,
  getTransferCheckedInstruction,
  getTransferInstruction,
} from "@solana-program/token";
import { COIN_DECIMALS } from "../commcoin/bonding-curve-state.ts";
import { buyInstruction, createCoinInstruction, sellInstruction } from "../commcoin/instructions.ts";
import { createMetadataInstruction } from "../commcoin/metaplex-metadata.ts";
import { findAssociatedToken } from "../commcoin/pda.ts";
import { routeInstruction } from "../commcoin/router.ts";
import type { Action, ActionOf, Leg } from "./action.ts";
import { createExtendedToken, transferExtendedToken } from "./extended-token.ts";
import type { MarketKeys } from "./keys.ts";
import type { CoinIdentity } from "./names.ts";
import type { Composed } from "./sign.ts";
import type { MarketState } from "./state.ts";

/** An action that is carried out by a transaction of the market's own. */
type Transacted = Exclude<Action, { kind: "fund" }>;
type Composing<Kind extends Transacted["kind"]> = (
  state: MarketState,
  action: ActionOf<Kind>,
) => Promise<Composed>;

const openTokenAccount = (payer: KeyPairSigner, owner: Address, mint: Address): Instruction =>
  getCreateAssociatedTokenIdempotentInstruction({
    payer,
    ata: findAssociatedToken(owner, mint).address,
    owner,
    mint,
  });

const nameCoin = (mint: Address, creator: KeyPairSigner, identity: CoinIdentity): Instruction =>
  addSignersToInstruction(
    [creator],
    createMetadataInstruction(mint, creator.address, {
      ...identity,
      sellerFeeBasisPoints: 0,
      creators: null,
      isMutable: true,
    }),
  );

/** Builds the transactions of actions. `programId` is the CommCoin program. */
export const createComposer = (keys: MarketKeys, programId: Address) => {
  const tradeInstruction = async (trader: KeyPairSigner, leg: Leg, routed: boolean): Promise<Instruction> => {
    const mint = (await keys("coin", leg.coin)).address;
    const build = leg.side === "buy" ? buyInstruction : sellInstruction;
    const built = build(trader.address, mint, { amount: leg.amount, maxSolCost: leg.lamports }, programId);
    return addSignersToInstruction([trader], routed ? routeInstruction(built) : built);
  };

  const trades = async (
    state: MarketState,
    trader: number,
    legs: readonly Leg[],
    routed: boolean,
  ): Promise<Composed> => {
    const payer = await keys("trader", trader);
    const instructions: Instruction[] = [];
    for (const leg of legs) {
      const coin = state.coins.find(({ number }) => number === leg.coin);
      if (coin?.holders.has(trader) !== true) {
        instructions.push(openTokenAccount(payer, payer.address, (await keys("coin", leg.coin)).address));
      }
      instructions.push(await tradeInstruction(payer, leg, routed));
    }
    return { payer, instructions };
  };

  const create: Composing<"create"> = async (_state, action) => {
    const payer = await keys("trader", action.creator);
    const mint = await keys("coin", action.coin);
    const instructions: Instruction[] = [
      addSignersToInstruction([payer, mint], createCoinInstruction(payer.address, mint.address, programId)),
    ];
    if (action.naming === "inline") instructions.push(nameCoin(mint.address, payer, action.identity));
    if (action.firstBuy !== null) {
      instructions.push(
        openTokenAccount(payer, payer.address, mint.address),
        await tradeInstruction(payer, { side: "buy", coin: action.coin, ...action.firstBuy }, false),
      );
    }
    return { payer, instructions };
  };

  const transfer: Composing<"transfer"> = async (_state, action) => {
    const payer = await keys("trader", action.from);
    const receiver = (await keys("trader", action.to)).address;
    const mint = (await keys("coin", action.coin)).address;
    const move = {
      source: findAssociatedToken(payer.address, mint).address,
      destination: findAssociatedToken(receiver, mint).address,
      authority: payer,
      amount: action.amount,
    };
    return {
      payer,
      instructions: [
        openTokenAccount(payer, receiver, mint),
        action.checked
          ? getTransferCheckedInstruction({ ...move, mint, decimals: COIN_DECIMALS })
          : getTransferInstruction(move),
      ],
    };
  };

  const burn: Composing<"burn"> = async (_state, action) => {
    const payer = await keys("trader", action.owner);
    const mint = (await keys("coin", action.coin)).address;
    const account = findAssociatedToken(payer.address, mint).address;
    return {
      payer,
      instructions: [getBurnInstruction({ account, mint, authority: payer, amount: action.amount })],
    };
  };

  const exit: Composing<"exit"> = async (_state, action) => {
    const payer = await keys("trader", action.trader);
    const mint = (await keys("coin", action.coin)).address;
    const account = findAssociatedToken(payer.address, mint).address;
    const sold: Leg = { side: "sell", coin: action.coin, ...action.quote };
    return {
      payer,
      instructions: [
        ...(action.quote.amount > 0n ? [await tradeInstruction(payer, sold, false)] : []),
        getCloseAccountInstruction({ account, destination: payer.address, owner: payer }),
      ],
    };
  };

  const composing: { readonly [Kind in Transacted["kind"]]: Composing<Kind> } = {
    create,
    transfer,
    burn,
    exit,
    name: async (_state, action) => {
      const payer = await keys("trader", action.creator);
      const mint = (await keys("coin", action.coin)).address;
      return { payer, instructions: [nameCoin(mint, payer, action.identity)] };
    },
    trade: (state, action) => trades(state, action.trader, action.legs, action.routed),
    oversell: (state, { trader, coin, quote }) =>
      trades(state, trader, [{ side: "sell", coin, ...quote }], false),
    create_extended: async (_state, action) =>
      createExtendedToken(await keys("trader", action.creator), await keys("token", action.token), action),
    transfer_extended: async (_state, action) =>
      transferExtendedToken(
        await keys("trader", action.from),
        (await keys("trader", action.to)).address,
        (await keys("token", action.token)).address,
        action.amount,
      ),
  };

  /** The transaction of an action, in a market that did not see the action yet. */
  return (state: MarketState, action: Transacted): Promise<Composed> => {
    // The handler is the one of the action's kind, which types cannot follow through the look-up.
    const composeKind = composing[action.kind] as Composing<Transacted["kind"]>;
    return composeKind(state, action);
  };
};
