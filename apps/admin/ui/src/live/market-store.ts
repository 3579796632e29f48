import { signal } from "@preact/signals";
import { persist } from "../api/again.ts";
import { wordsOf } from "../api/request.ts";
import { applyMessage, type Coin, type Coins } from "../market.ts";
import { inTurns } from "./in-turns.ts";
import { readKept } from "./kept-messages.ts";
import { follow } from "./live.ts";

const RETRY_MS = 3_000;
const TOPICS = ["token_updates", "market_data"] as const;

const known: Coins = new Map();

/** All coins that were seen, as of a moment ago. */
export const coins = signal<ReadonlyMap<string, Coin>>(known);
/** Why earlier messages cannot be read; null when they can, or were. */
export const marketError = signal<string | null>(null);
/** Whether what the topics keep was read. */
export const marketLoaded = signal(false);

const draw = inTurns(() => (coins.value = new Map(known)));

/** What the topic keeps, and then whatever comes: nothing is missed in between, since the client goes on from there. */
async function load(topic: (typeof TOPICS)[number], cancelled: AbortSignal): Promise<void> {
  const { messages, position } = await readKept(topic, cancelled);
  for (const message of messages) applyMessage(known, message);
  draw();
  follow(
    topic,
    (message) => {
      applyMessage(known, message);
      draw();
    },
    { since: position, ...(topic === "market_data" && { conflate: true }) },
  );
}

let started = false;
/** Begins to follow the market, once; again and again until the history could be read. */
export function startMarket(): void {
  if (started) return;
  started = true;
  const { signal: never } = new AbortController();
  for (const topic of TOPICS) {
    const attempt = async (): Promise<void> => {
      await load(topic, never);
      marketLoaded.value = true;
      marketError.value = null;
    };
    void persist(attempt, (error) => (marketError.value = wordsOf(error)), RETRY_MS, never);
  }
}
