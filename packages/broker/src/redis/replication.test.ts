import { EventEmitter } from "node:events";
import type { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { BrokerUnavailableError } from "../broker.ts";
import { recordingLogger } from "../testing/recording-logger.ts";
import { createReplication } from "./replication.ts";

const refusal = (message: string): Error => Object.assign(new Error(message), { name: "ReplyError" });

/** A master whose replicas are as the test says. */
function arrange() {
  const master = {
    replicas: 1,
    state: "online",
    /** What `WAIT` answers. */
    wait: (): number => master.replicas,
    asked: 0,
  };
  const commands = Object.assign(new EventEmitter(), {
    info: () =>
      Promise.resolve(
        `role:master\r\nconnected_slaves:${master.replicas}\r\n${Array.from(
          { length: master.replicas },
          (_, n) => `slave${n}:ip=10.0.0.${n},port=6379,state=${master.state},offset=42,lag=0\r\n`,
        ).join("")}`,
      ),
    call: () => {
      master.asked += 1;
      return new Promise((resolve) => resolve(master.wait()));
    },
  });
  const clock = { now: 0 };
  const { logger, lines } = recordingLogger();
  const replication = createReplication({ logger, now: () => clock.now });
  const redis = commands as unknown as Redis;
  const node = { name: "redis-1:6379", commands: redis, subscriptions: redis, history: redis };
  return { master, clock, lines, commands, confirm: () => replication.confirm(node) };
}

describe("replication", () => {
  it("is confirmed by a replica, without a word", async () => {
    const { master, lines, confirm } = arrange();
    await confirm();
    await confirm();
    expect(master.asked).toBe(2);
    expect(lines).toEqual([]);
  });

  it("is not asked for where there is no replica, and looked for now and then", async () => {
    const { master, clock, lines, confirm } = arrange();
    master.replicas = 0;
    await confirm();
    await confirm();
    expect(master.asked).toBe(0);
    expect(lines).toEqual(["info no replica will confirm"]);
    master.replicas = 1;
    await confirm();
    expect(master.asked).toBe(0);
    clock.now = 1_000;
    await confirm();
    expect(master.asked).toBe(1);
    expect(lines.at(-1)).toBe("info a replica confirms again");
  });

  it("is not asked for while it still loads the data set: it could not take over either", async () => {
    const { master, clock, confirm } = arrange();
    master.state = "send_bulk";
    for (clock.now = 0; clock.now <= 60_000; clock.now += 1_000) await confirm();
    expect(master.asked).toBe(0);
    master.state = "online";
    // At most a second later, however long it took.
    await confirm();
    expect(master.asked).toBe(1);
  });

  it("is waited for 5 s from the first message that has none, then done without", async () => {
    const { master, clock, lines, confirm } = arrange();
    await confirm();
    clock.now = 60_000;
    master.replicas = 0;
    await expect(confirm()).rejects.toThrow("its replica has not got it yet");
    clock.now = 64_999;
    await expect(confirm()).rejects.toThrow(BrokerUnavailableError);
    clock.now = 65_000;
    await confirm();
    expect(lines).toEqual(["warn no replica confirms what is published; going on without"]);
  });

  it.each(["NOPERM this user has no permissions to run the 'wait' command", "ERR unknown command 'WAIT'"])(
    "is done without where it must not be asked for: %s",
    async (message) => {
      const { master, lines, confirm } = arrange();
      master.wait = () => {
        throw refusal(message);
      };
      await confirm();
      expect(lines).toEqual(["warn no replica confirms what is published; going on without"]);
    },
  );

  it.each([
    "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)",
    "READONLY You can't write against a read only replica.",
    "ERR WAIT cannot be used with replica instances.",
    "LOADING Redis is loading the dataset in memory",
    "CLUSTERDOWN The cluster is down",
  ])("is missing when the server is in trouble or no master any more: %s", async (message) => {
    const { master, confirm } = arrange();
    master.wait = () => {
      throw refusal(message);
    };
    await expect(confirm()).rejects.toThrow("Redis went away before a replica had it.");
  });

  it("is asked for anew on another connection, which may lead to another master", async () => {
    const { master, commands, confirm } = arrange();
    master.replicas = 0;
    await confirm();
    master.replicas = 1;
    commands.emit("close");
    await confirm();
    expect(master.asked).toBe(1);
  });
});
