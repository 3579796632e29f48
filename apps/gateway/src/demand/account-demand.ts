import { HEARTBEAT_INTERVAL_MS, type Demand } from "@commcoin/broker";
import type { Logger } from "@commcoin/service/telemetry";
import { accountOf, isAccountAddress } from "./account-address.ts";
import { createAccountQuestion, type AccountQuestion } from "./account-question.ts";
import { createDemandLog } from "./demand-log.ts";

/** Has the accounts watched that connections of this gateway follow. */
export interface AccountDemand {
  /**
   * Asks for the accounts among topics to be watched. For each of the topics a connection must be a member already, so
   * that it stays in use meanwhile.
   * @returns the topics that cannot be joined, because their account would go beyond the bound or is none; null at once
   * when all can.
   * @throws {BrokerUnavailableError} when the broker cannot tell.
   */
  admit(topics: readonly string[]): Promise<ReadonlySet<string>> | null;
  /** Gives up accounts whose topic nobody is in any more. To be called about once a second. */
  sweep(): void;
  /** Accounts that this gateway has watched. */
  readonly size: number;
  start(): void;
  /** Gives up everything. Never rejects. */
  stop(): Promise<void>;
}

export interface AccountDemandOptions {
  readonly demand: Demand;
  /** Names this process among all gateways. */
  readonly holder: string;
  readonly limit: number;
  /** Whether somebody is in the topic, or was a moment ago. */
  readonly isFollowed: (topic: string) => boolean;
  readonly onRefused: (count: number) => void;
  readonly log: Logger;
  readonly now: () => number;
}

export function createAccountDemand({
  demand,
  holder,
  limit,
  isFollowed,
  onRefused,
  log,
  now,
}: AccountDemandOptions): AccountDemand {
  /** By address, the topic: granted by the broker, and not given up. */
  const granted = new Map<string, string>();
  const questions = new Map<string, AccountQuestion & { readonly topic: string }>();
  let leaving: string[] = [];
  let declareDue = false;
  /** Whether the broker may hold something of ours. */
  let declared = false;
  let working: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const report = createDemandLog({ limit, onRefused, log, now });

  const send = async (): Promise<void> => {
    const asked = new Map(questions);
    const left = leaving;
    const everything = declareDue;
    leaving = [];
    declareDue = false;
    declared ||= asked.size > 0;
    try {
      const refused = new Set(
        everything
          ? await demand.declare(holder, [...granted.keys(), ...asked.keys()], limit)
          : await demand.change(holder, { want: [...asked.keys()], leave: left }, limit),
      );
      if (everything) declared = granted.size + asked.size > 0;
      if (refused.size > 0) report.refused(refused.size);
      for (const [address, { topic, resolve }] of asked) {
        questions.delete(address);
        if (!refused.has(address)) granted.set(address, topic);
        resolve(!refused.has(address));
      }
      report.recovered();
    } catch (error) {
      // What was given up is told with the next declaration, which leaves it out.
      for (const [address, { reject }] of asked) {
        questions.delete(address);
        reject(error);
      }
      report.failed(error);
    }
  };
  const hasWork = (): boolean => !stopped && (questions.size > 0 || leaving.length > 0 || declareDue);
  /** One message at a time, so that none overtakes another; what comes meanwhile shares the next. */
  const work = async (): Promise<void> => {
    while (hasWork()) await send();
    working = null;
  };
  const workSoon = (): void => {
    working ??= Promise.resolve().then(work);
  };
  const ask = (address: string, topic: string): Promise<boolean> => {
    const open = questions.get(address);
    if (open !== undefined) return open.answer;
    const question = createAccountQuestion();
    questions.set(address, { ...question, topic });
    workSoon();
    return question.answer;
  };

  return {
    get size() {
      return granted.size;
    },
    admit(topics) {
      const asked = topics.flatMap((topic) => {
        const address = accountOf(topic);
        return address === null || granted.has(address) ? [] : [refusalOf(topic, address, ask)];
      });
      return asked.length === 0 ? null : Promise.all(asked).then((refused) => new Set(refused.flat()));
    },
    sweep() {
      for (const [address, topic] of granted) {
        if (isFollowed(topic)) continue;
        granted.delete(address);
        leaving.push(address);
      }
      if (leaving.length > 0) workSoon();
    },
    start() {
      timer = setInterval(() => {
        // A gateway that wants nothing, and did not lately, has nothing to say.
        if (granted.size === 0 && !declared) return;
        declareDue = true;
        workSoon();
      }, HEARTBEAT_INTERVAL_MS);
    },
    async stop() {
      clearInterval(timer);
      stopped = true;
      // One that is still on its way would bring everything back.
      await working;
      for (const { reject } of questions.values()) reject(new Error("The gateway stops."));
      questions.clear();
      // One that is not withdrawn ends by itself.
      if (declared) await demand.withdraw(holder).catch(() => {});
    },
  };
}

/** @returns the topic where its account is not watched, else nothing. */
async function refusalOf(
  topic: string,
  address: string,
  ask: (address: string, topic: string) => Promise<boolean>,
): Promise<readonly string[]> {
  return isAccountAddress(address) && (await ask(address, topic)) ? [] : [topic];
}
