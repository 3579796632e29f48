import { silentLogger } from "@commcoin/service/telemetry";
import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createSupervisor } from "./supervisor.ts";
import type { StartWorker, WorkerExit, WorkerProcess } from "./worker-process.ts";

const PULSE_INTERVAL_MS = 5_000;
const config = { GATEWAY_WORKERS: 2, SERVER_ID: "gateway", WEBSOCKET_PORT: 0, SHUTDOWN_DRAIN_SECONDS: 5 };

/** A process that does what a test says. */
interface FakeWorker {
  readonly worker: number;
  readonly env: Readonly<Record<string, string>>;
  readonly signals: string[];
  becomeReady(): void;
  end(exit?: Partial<WorkerExit>): void;
  hangs: boolean;
  /** How long each question waited for its answer. */
  readonly patience: number[];
}

const setUp = (obedient = true) => {
  const started: FakeWorker[] = [];
  /** How those are that are started from now on. */
  const next = { hangs: false };
  const startWorker: StartWorker = ({ worker, env }) => {
    let becomeReady = (): void => {};
    let resolveExit: (exit: WorkerExit) => void = () => {};
    const exit = new Promise<WorkerExit>((resolve) => (resolveExit = resolve));
    const ready = new Promise<void>((resolve) => (becomeReady = resolve));
    const fake: FakeWorker = {
      worker,
      env,
      signals: [],
      patience: [],
      becomeReady,
      end: (given = {}) => resolveExit({ code: 1, signal: null, reason: null, ...given }),
      ...next,
    };
    started.push(fake);
    const process: WorkerProcess = {
      pid: started.length,
      ready,
      exit,
      ask(_question, timeoutMs) {
        fake.patience.push(timeoutMs);
        return fake.hangs ? Promise.reject(new Error("No answer came.")) : Promise.resolve(null);
      },
      kill(signal) {
        fake.signals.push(signal);
        if (signal === "SIGKILL" || obedient) fake.end({ code: null, signal });
      },
    };
    return process;
  };
  const pauses: Record<"pulses" | "restarts", { readonly ms: number; readonly end: () => void }[]> = {
    pulses: [],
    restarts: [],
  };
  const supervisor = createSupervisor({
    config,
    logger: silentLogger,
    startWorker,
    wait: (ms, signal) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve());
        pauses[ms === PULSE_INTERVAL_MS ? "pulses" : "restarts"].push({ ms, end: resolve });
      }),
  });
  const start = async () => {
    const starting = supervisor.start();
    // Finding the port is real.
    await eventually(() => expect(started).toHaveLength(2));
    for (const worker of started) worker.becomeReady();
    await starting;
  };
  return { started, next, supervisor, start, pauses };
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("supervisor", () => {
  it("gives each worker a name of its own and the same port", async () => {
    const { started, supervisor, start } = setUp();
    await start();
    expect(started.map(({ env }) => env.SERVER_ID)).toEqual(["gateway-1", "gateway-2"]);
    const [port, other] = started.map(({ env }) => Number(env.WEBSOCKET_PORT));
    expect(port).toBeGreaterThan(0);
    expect(other).toBe(port);
    expect(started[0]?.env.GATEWAY_WORKERS).toBe("1");
    await supervisor.stop();
  });

  it("starts one that dies again, later each time, and leaves the others alone", async () => {
    const { started, supervisor, start, pauses } = setUp();
    await start();
    const delays: number[] = [];
    for (const time of [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
      started.at(-1)?.end({ reason: "out of memory" });
      await turn();
      const pause = pauses.restarts.at(-1);
      delays.push(pause?.ms ?? 0);
      pause?.end();
      await turn();
      expect(started).toHaveLength(2 + time);
      expect(started.at(-1)?.worker).toBe(2);
    }
    expect(delays[0]).toBeLessThanOrEqual(500);
    expect(Math.max(...delays)).toBeGreaterThan(1_000);
    expect(Math.max(...delays)).toBeLessThanOrEqual(30_000);
    expect(started[0]?.signals).toEqual([]);
    await supervisor.stop();
    expect(started[0]?.signals).toEqual(["SIGTERM"]);
  });

  it("kills one that hangs, which is started again", async () => {
    const { started, supervisor, start, pauses } = setUp();
    await start();
    const [hanging, other] = started;
    if (hanging !== undefined) hanging.hangs = true;
    for (const pulse of pauses.pulses) pulse.end();
    await turn();
    expect(hanging?.signals).toEqual(["SIGKILL"]);
    expect(other?.signals).toEqual([]);
    pauses.restarts.at(-1)?.end();
    await turn();
    expect(started.map(({ worker }) => worker)).toEqual([1, 2, 1]);
    await supervisor.stop();
  });

  it("kills one that hangs before it is ready", async () => {
    const { started, next, supervisor, start, pauses } = setUp();
    await start();
    next.hangs = true;
    started[0]?.end();
    await turn();
    pauses.restarts.at(-1)?.end();
    await turn();
    expect(started[2]).toMatchObject({ worker: 1, signals: ["SIGKILL"] });
    next.hangs = false;
    pauses.restarts.at(-1)?.end();
    await turn();
    expect(started[3]).toMatchObject({ worker: 1, signals: [] });
    await supervisor.stop();
  });

  it("is more patient with one that starts than with one that is ready", async () => {
    const { started, supervisor, start, pauses } = setUp();
    await start();
    for (const pulse of pauses.pulses) pulse.end();
    await turn();
    expect(started.map(({ patience }) => patience)).toEqual([
      [60_000, 15_000],
      [60_000, 15_000],
    ]);
    await supervisor.stop();
  });

  it("does not start when a worker cannot, says why, and leaves nobody behind", async () => {
    const { started, supervisor } = setUp();
    const starting = supervisor.start();
    await eventually(() => expect(started).toHaveLength(2));
    started[0]?.becomeReady();
    started[1]?.end({ reason: "no native binary" });
    await expect(starting).rejects.toThrow("no native binary");
    expect(started[0]?.signals).toEqual(["SIGKILL"]);
    expect(started).toHaveLength(2);
  });

  it("does not start one again that ends while all are stopped", async () => {
    const { started, supervisor, start, pauses } = setUp();
    await start();
    started[0]?.end();
    await turn();
    expect(pauses.restarts).toHaveLength(1);
    await supervisor.stop();
    expect(started).toHaveLength(2);
    expect(started[1]?.signals).toEqual(["SIGTERM"]);
  });

  it("kills workers that do not end in time", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const { started, supervisor, start } = setUp(false);
    await start();
    const stopping = supervisor.stop();
    await vi.advanceTimersByTimeAsync(14_000);
    expect(started.map(({ signals }) => signals)).toEqual([["SIGTERM"], ["SIGTERM"]]);
    await vi.advanceTimersByTimeAsync(1_000);
    await stopping;
    expect(started.map(({ signals }) => signals.at(-1))).toEqual(["SIGKILL", "SIGKILL"]);
  });
});
