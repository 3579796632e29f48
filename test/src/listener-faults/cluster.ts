import { startProcess, type LogLine, type ServiceProcess } from "../support/service-process.ts";

/** A listener that began to publish in place of another. */
export interface Takeover {
  /** What had happened to the one before. */
  readonly after: string;
  /** From that on until the new one published. */
  readonly ms: number;
}

export interface ListenerCluster {
  readonly takeovers: readonly Takeover[];
  /** Index of the listener that published last, as far as they say. */
  leader(): number;
  isRunning(index: number): boolean;
  /** Ends a listener at once, as a crash does. */
  kill(index: number): void;
  /** Asks a listener to end in good order. */
  stop(index: number): void;
  pause(index: number): void;
  /** Brings a listener back, whatever was done to it. */
  bringBack(index: number): Promise<void>;
  /** What listeners warned of, and how often. */
  said(): ReadonlyMap<string, number>;
  /** Listeners that ended by themselves, with what they said last. */
  readonly crashes: readonly string[];
  end(): Promise<void>;
}

interface Member {
  process: ServiceProcess;
  state: "running" | "paused" | "gone";
}

interface Term {
  readonly index: number;
  readonly fence: number;
  readonly at: number;
}

const terms = (lines: readonly LogLine[], index: number): readonly Term[] =>
  lines
    .filter(({ msg, fence }) => msg === "publishing" && typeof fence === "number")
    .map(({ fence, time }) => ({ index, fence: fence as number, at: Date.parse(String(time)) }));

const isReady = ({ msg }: LogLine): boolean => msg === "listener is ready";

/** Listeners in processes of their own. `env` is told for each by its place. */
export async function startListeners(
  count: number,
  env: (index: number) => Readonly<Record<string, string>>,
): Promise<ListenerCluster> {
  const crashes: string[] = [];
  const takeovers: Takeover[] = [];
  const gone: ServiceProcess[] = [];
  /** Terms of processes that are gone. */
  let past: readonly Term[] = [];
  let disturbed: { readonly what: string; readonly at: number; readonly fence: number } | null = null;

  const launch = (index: number): ServiceProcess => startProcess("apps/listener/src/main.ts", env(index));
  const members: Member[] = Array.from({ length: count }, (_, index) => ({
    process: launch(index),
    state: "running",
  }));
  const watch = (member: Member, index: number): void => {
    const { process } = member;
    void process.exit.then(({ code, signal }) => {
      if (member.process !== process || member.state === "gone") return;
      crashes.push(
        `listener ${index} ended with ${code ?? signal}: ${process.errors()}${JSON.stringify(process.lines.slice(-3))}`,
      );
    });
  };
  for (const [index, member] of members.entries()) watch(member, index);

  const newest = (): Term | null =>
    [...past, ...members.flatMap(({ process }, index) => terms(process.lines, index))].reduce<Term | null>(
      (best, term) => (best === null || term.fence > best.fence ? term : best),
      null,
    );
  const look = (): void => {
    const term = newest();
    if (disturbed === null || term === null || term.fence <= disturbed.fence) return;
    takeovers.push({ after: disturbed.what, ms: term.at - disturbed.at });
    disturbed = null;
  };
  const leader = (): number => {
    look();
    return newest()?.index ?? 0;
  };
  const memberAt = (index: number): Member => {
    const member = members[index];
    if (member === undefined) throw new RangeError(`There is no listener ${index}`);
    return member;
  };
  const disturb = (index: number, what: string): void => {
    if (leader() !== index || memberAt(index).state !== "running") return;
    const others = members.filter((member, other) => other !== index && member.state === "running");
    // Where nobody stands by, it is no takeover but a restart.
    if (!others.some(({ process }) => process.lines.some(isReady))) return;
    disturbed = { what, at: Date.now(), fence: newest()?.fence ?? 0 };
  };
  const finish = (index: number, signal: "SIGKILL" | "SIGTERM", what: string): void => {
    const member = memberAt(index);
    if (member.state === "gone") return;
    disturb(index, what);
    past = [...past, ...terms(member.process.lines, index)];
    const wasPaused = member.state === "paused";
    member.state = "gone";
    member.process.kill(signal);
    // A paused process hears of SIGTERM only when it goes on.
    if (wasPaused) member.process.kill("SIGCONT");
  };

  await Promise.all(members.map(({ process }) => process.says(isReady)));
  return {
    takeovers,
    crashes,
    said() {
      const counts = new Map<string, number>();
      for (const { lines } of [...gone, ...members.map(({ process }) => process)]) {
        for (const { level, msg = "" } of lines) {
          if (level === "warn" || level === "error") counts.set(msg, (counts.get(msg) ?? 0) + 1);
        }
      }
      return counts;
    },
    leader,
    isRunning: (index) => memberAt(index).state === "running",
    kill: (index) => finish(index, "SIGKILL", "killed"),
    stop: (index) => finish(index, "SIGTERM", "stopped"),
    pause(index) {
      const member = memberAt(index);
      if (member.state !== "running") return;
      disturb(index, "paused");
      member.state = "paused";
      member.process.kill("SIGSTOP");
    },
    async bringBack(index) {
      const member = memberAt(index);
      if (member.state === "paused") member.process.kill("SIGCONT");
      if (member.state === "gone") {
        const old = member.process;
        const { code, signal } = await old.exit;
        if (code !== 0 && signal === null)
          crashes.push(`listener ${index} stopped with ${code}: ${old.errors()}`);
        past = [...past, ...terms(old.lines, index)];
        gone.push(old);
        member.process = launch(index);
        watch(member, index);
      }
      member.state = "running";
    },
    async end() {
      for (const member of members) {
        member.state = "gone";
        member.process.kill("SIGKILL");
      }
      await Promise.all(members.map(({ process }) => process.exit));
    },
  };
}
