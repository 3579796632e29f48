import { connectToInspect, type RedisInspection, type RedisInspector } from "@commcoin/broker/inspect";
import { wordsOf, type Check } from "./check.ts";
import { checkRedis, redisAway } from "./check-redis.ts";
import { fromRegistry, type ClusterServer } from "./cluster.ts";

/** What is known of Redis. */
export interface RedisView {
  /** null where it cannot be used. */
  readonly inspector: RedisInspector | null;
  readonly inspection: RedisInspection | null;
  /** What its registry holds; null where it cannot be read. */
  readonly servers: () => Promise<readonly ClusterServer[] | null>;
  readonly checks: readonly Check[];
}

/** A user or a password never stands before a host here. */
const publicAddress = (url: string): string => url.replaceAll(/(^|\/\/|,)[^/@,]*@/g, "$1");

/** Connects to Redis and looks at it. Never rejects. */
export async function lookAtRedis(url: string): Promise<RedisView> {
  let inspector: RedisInspector | null = null;
  try {
    const connected = await connectToInspect(url);
    inspector = connected;
    const inspection = await connected.inspect();
    return {
      inspector,
      inspection,
      servers: () =>
        connected.servers().then(
          (servers) => servers.map(fromRegistry),
          () => null,
        ),
      checks: checkRedis(inspection),
    };
  } catch (reason) {
    await inspector?.close();
    return {
      inspector: null,
      inspection: null,
      servers: () => Promise.resolve(null),
      checks: [redisAway(publicAddress(url), wordsOf(reason))],
    };
  }
}
