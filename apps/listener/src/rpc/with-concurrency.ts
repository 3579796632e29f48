import type { RpcTransport } from "@solana/kit";

/** At most `limit` requests at a time; the others wait in order. */
export function withConcurrency(transport: RpcTransport, limit: number): RpcTransport {
  let free = limit;
  const waiting: (() => void)[] = [];
  let head = 0;

  const take = (): Promise<void> | undefined => {
    if (free > 0) {
      free -= 1;
      return undefined;
    }
    return new Promise((resolve) => waiting.push(resolve));
  };
  const give = (): void => {
    const next = waiting[head];
    if (next === undefined) {
      free += 1;
      return;
    }
    head += 1;
    if (head * 2 > waiting.length) {
      waiting.splice(0, head);
      head = 0;
    }
    next();
  };
  return async function <Response>(config: Parameters<RpcTransport>[0]) {
    await take();
    try {
      config.signal?.throwIfAborted();
      return await transport<Response>(config);
    } finally {
      give();
    }
  };
}
