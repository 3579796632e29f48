import { signal } from "@preact/signals";
import { adminToken, RequestError } from "../api/request.ts";
import { applyMessage, type Coin, type Coins } from "../market.ts";
import { readKept } from "./kept-messages.ts";
import { follow } from "./live.ts";

const RETRY_MS = 3_000;
const TOPICS = ["token_updates", "market_data"] as const;

const known: Coins = new Map();

/** All coins that were seen, as of the last frame that the browser drew. */
export const coins = signal<ReadonlyMap<string, Coin>>(known);
/** Why earlier messages cannot be read; null when they can, or were. */
export const marketError = signal<string | null>(null);
/** Whether what the topics keep was read. */
export const marketLoaded = signal(false);

let drawing = false;
/** Many messages, one new picture. */
function draw(): void {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    coins.value = new Map(known);
  });
}

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

/** Begins to follow the market, once; again and again until the history could be read. */
export function startMarket(): void {
  const { signal: never } = new AbortController();
  for (const topic of TOPICS) {
    let state: "idle" | "loading" | "loaded" = "idle";
    const attempt = async (): Promise<void> => {
      if (state !== "idle") return;
      if (document.hidden) {
        setTimeout(() => void attempt(), RETRY_MS);
        return;
      }
      state = "loading";
      try {
        await load(topic, never);
        state = "loaded";
        marketLoaded.value = true;
        marketError.value = null;
      } catch (error) {
        state = "idle";
        marketError.value = error instanceof RequestError ? error.message : String(error);
        setTimeout(() => void attempt(), RETRY_MS);
      }
    };
    adminToken.subscribe(() => void attempt());
  }
}
