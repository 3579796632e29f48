import { sleep } from "@commcoin/service/lifecycle";
import type { FastifyInstance, FastifyRequest } from "fastify";

/**
 * When the app closes, lets the requests that it is answering end, for so long at most. Whatever connection is open then, it
 * cuts (`forceCloseConnections`): one that sends nothing, half a request or half a body would hold it up without end.
 */
export function finishRequests(app: FastifyInstance, patienceMs: number): void {
  const running = new Set<FastifyRequest>();
  let idle: (() => void) | null = null;
  const finish = (request: FastifyRequest): void => {
    running.delete(request);
    if (running.size === 0) idle?.();
  };
  app.addHook("onRequest", async (request, reply) => {
    running.add(request);
    // A client may go before it was answered.
    reply.raw.once("close", () => finish(request));
  });
  app.addHook("onResponse", async (request) => finish(request));
  app.addHook("preClose", async () => {
    if (running.size === 0) return;
    const over = new AbortController();
    const ended = new Promise<void>((resolve) => (idle = resolve));
    await Promise.race([ended, sleep(patienceMs, over.signal)]);
    over.abort();
  });
}
