import { brokerConformance, conformanceRetention } from "../conformance/index.ts";
import { addAclUser } from "./acl-user.ts";
import type { RedisServer } from "./redis-server.ts";
import { createTestBrokers } from "./test-brokers.ts";

/** Where the suite runs: the address of a broker, and the servers behind it. */
export interface ConformanceTarget {
  readonly url: string;
  readonly servers: readonly RedisServer[];
  readonly stop: () => Promise<void>;
}

/** Runs the suite as a user with the documented rights, which are enough and none too many. */
export function aclConformance(name: string, rights: string, start: () => Promise<ConformanceTarget>): void {
  brokerConformance(name, async () => {
    const { url, servers, stop } = await start();
    const user = await addAclUser(servers, "commcoin", rights);
    const brokers = createTestBrokers();
    return {
      connect: () => brokers.connect({ url: user.urlFor(url), retention: conformanceRetention }),
      async close() {
        await brokers.closeAll();
        try {
          await user.check();
        } finally {
          await stop();
        }
      },
    };
  });
}
