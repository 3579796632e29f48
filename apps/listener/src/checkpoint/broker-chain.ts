import type { Broker } from "@commcoin/broker";
import type { Position } from "@commcoin/protocol";
import { z } from "zod";

const NAME = "listener-chain";
const KEY = "chain";
const TOPIC = "transactions";

/** Which chain is told of in the broker, and since when. */
const brokerChain = z.object({
  network: z.string().max(64),
  beginning: z.object({ epoch: z.string().max(64), offset: z.int().nonnegative() }).nullable(),
});
type BrokerChain = z.infer<typeof brokerChain>;

async function read({ states }: Pick<Broker, "states">): Promise<BrokerChain | null> {
  const text = (await states.read(NAME, [KEY])).get(KEY);
  if (text === undefined) return null;
  try {
    return brokerChain.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** The chain that was last published to the broker; null when none was. @throws {BrokerUnavailableError} */
export const readBrokerChain = async (broker: Pick<Broker, "states">): Promise<string | null> =>
  (await read(broker))?.network ?? null;

/**
 * Makes a chain the one that the broker tells of. What is in its topics by then is of the one before, if there was one.
 * @returns the position in `transactions` with which that ended; null where there was none.
 * @throws {FencedError} when a newer publisher has done so.
 * @throws {BrokerUnavailableError}
 */
export async function claimBroker(
  broker: Pick<Broker, "states" | "positions">,
  network: string,
  fence: number,
): Promise<Position | null> {
  const before = await read(broker);
  if (before?.network === network) return before.beginning;
  const [position] = before === null ? [] : await broker.positions([TOPIC]);
  const beginning = position === undefined ? null : { epoch: position.epoch, offset: position.offset };
  const text = JSON.stringify({ network, beginning } satisfies BrokerChain);
  await broker.states.write(NAME, new Map([[KEY, text]]), { fence });
  return beginning;
}
