import { startRedisServer, type RedisServer } from "@commcoin/broker/testing";
import type { BareUwsCommands } from "../workers/bare-uws.ts";
import type { ClientCommands } from "../workers/clients.ts";
import type { FollowerCommands } from "../workers/followers.ts";
import type { GatewayCommands } from "../workers/gateway.ts";
import type { PublisherCommands } from "../workers/publisher.ts";
import type { BenchOptions } from "./report.ts";
import type { Scope } from "./scope.ts";
import type { Worker } from "@commcoin/harness";
import { startWorker } from "./worker.ts";

export interface Served<C extends GatewayCommands | BareUwsCommands> {
  readonly worker: Worker<C>;
  readonly port: number;
}

/** Arguments of node for a process whose CPU is of interest. */
export const profiled = ({ profile }: BenchOptions, name: string): readonly string[] =>
  profile === undefined
    ? []
    : ["--cpu-prof", `--cpu-prof-dir=${profile}`, `--cpu-prof-name=${name}.cpuprofile`];

export async function startRedis(scope: Scope): Promise<RedisServer> {
  const redis = await startRedisServer();
  scope.add(() => redis.stop());
  return redis;
}

export async function startGateway(
  scope: Scope,
  redis: RedisServer,
  execArgv: readonly string[] = [],
): Promise<Served<GatewayCommands>> {
  const worker = await startWorker<GatewayCommands>("gateway", execArgv);
  scope.add(() => worker.stop());
  return { worker, port: await worker.call("start", redis.url) };
}

export async function startBareUws(
  scope: Scope,
  topics: readonly string[],
): Promise<Served<BareUwsCommands>> {
  const worker = await startWorker<BareUwsCommands>("bare-uws");
  scope.add(() => worker.stop());
  return { worker, port: await worker.call("start", topics) };
}

export async function startPublisher(scope: Scope, redis: RedisServer): Promise<Worker<PublisherCommands>> {
  const worker = await startWorker<PublisherCommands>("publisher");
  scope.add(() => worker.stop());
  await worker.call("start", redis.url);
  return worker;
}

export async function startClients(scope: Scope): Promise<Worker<ClientCommands>> {
  const worker = await startWorker<ClientCommands>("clients");
  scope.add(() => worker.stop());
  return worker;
}

export async function startFollowers(scope: Scope): Promise<Worker<FollowerCommands>> {
  const worker = await startWorker<FollowerCommands>("followers");
  scope.add(() => worker.stop());
  return worker;
}
