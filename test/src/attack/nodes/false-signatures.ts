import { createRandom } from "@commcoin/localnet/random";
import type { NodesAttack } from "../attack.ts";
import { behaveFor } from "./behave-for.ts";
import type { Victim } from "./hostile-node.ts";

const LASTS_MS = 12_000;
const EVERY_MS = 100;
const AT_ONCE = 5_000;
/** What waits in the socket of a listener that does not keep up; more would only fill the memory of the attacker. */
const MAX_WAITING_BYTES = 64 * 1_048_576;
const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const TAIL = 11;
const random = createRandom("false signatures");

const letters = (count: number): string => {
  let text = "";
  for (let n = 0; n < count; n += 1) text += ALPHABET[random.integer(0, ALPHABET.length - 1)];
  return text;
};
const HEAD = `3${letters(87 - TAIL)}`;

/** A text that is a signature as far as anybody can tell without asking. */
const signature = (): string => HEAD + letters(TAIL);

const notification = (subscription: number): string =>
  '{"jsonrpc":"2.0","method":"logsNotification","params":{"result":{"context":{"slot":100},"value":{"signature":"' +
  `${signature()}","err":null,"logs":["Program log: a lie"]}},"subscription":${subscription}}}`;

function flood({ socket, subscriptions }: Victim, count: (sent: number) => void): () => void {
  const timer = setInterval(() => {
    for (const [id, method] of subscriptions) {
      if (method !== "logsSubscribe" || socket.readyState !== socket.OPEN) continue;
      if (socket.bufferedAmount > MAX_WAITING_BYTES) return;
      for (let n = 0; n < AT_ONCE; n += 1) socket.send(notification(id));
      count(AT_ONCE);
    }
  }, EVERY_MS);
  return () => clearInterval(timer);
}

/** Transactions are announced that are none, on every subscription, beside all that an honest node says. */
export const falseSignatures: NodesAttack = {
  name: "nodes/false-signatures",
  scene: "nodes",
  on: "listener",
  async strike(scene, size) {
    let tries = 0;
    await behaveFor(scene, size.ms(LASTS_MS), {
      accompany: (victim) => flood(victim, (sent) => (tries += sent)),
    });
    return { tries, what: `${tries} transactions announced that are none` };
  },
};
