import { setTimeout as delay } from "node:timers/promises";

const EVERY_MS = 100;
const ANSWERED_WITHIN_MS = 5_000;

/**
 * Sends numbered notifications to all through an admin service, each until it is taken.
 * @param admin URL of the service.
 */
export function notifySteadily(
  admin: string,
  token: string,
): {
  /** Resolves with how many there were. */
  readonly stop: () => Promise<number>;
} {
  const stopping = new AbortController();
  let count = 0;
  const send = async (number: number): Promise<boolean> => {
    const answer = await fetch(`${admin}/api/ws/broadcast`, {
      method: "POST",
      signal: AbortSignal.timeout(ANSWERED_WITHIN_MS),
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({
        type: "Notification",
        id: `notification-${number}`,
        target: { all: true },
        data: { user_id: null, title: `${number}`, message: "", notification_type: "upgrade" },
      }),
      // While the admin is replaced nobody answers: the id makes it safe to ask again.
    }).catch(() => null);
    if (answer !== null && answer.status < 500 && !answer.ok)
      throw new Error(`The admin refuses a notification: ${await answer.text()}`);
    return answer?.ok === true;
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      // What was not taken is sent again under the same id.
      if (await send(count + 1)) count += 1;
      await delay(EVERY_MS);
    }
  };
  const running = run();
  // Whoever stops it learns of it.
  running.catch(() => {});
  return {
    async stop() {
      stopping.abort();
      await running;
      return count;
    },
  };
}
