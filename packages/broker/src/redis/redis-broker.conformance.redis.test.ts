import { aclConformance } from "../testing/acl-conformance.ts";
import { startRedisServer } from "../testing/index.ts";
import { ACL_RIGHTS } from "./acl.ts";

aclConformance("Redis broker", ACL_RIGHTS, async () => {
  const server = await startRedisServer();
  return { url: server.url, servers: [server], stop: () => server.stop() };
});
