import { existsSync } from "node:fs";
import { readdir, readFile, readlink, writeFile } from "node:fs/promises";

/** What a process holds, as its kernel knows it. */
export interface Vitals {
  readonly rssBytes: number;
  /** The most it ever held since `resetPeak`. */
  readonly peakBytes: number;
  readonly sockets: number;
}

/** Peaks and sockets of other processes are read from here. */
export const canReadVitals = (): boolean => existsSync("/proc/self/clear_refs");

const kibibytes = (status: string, field: string): number =>
  Number(new RegExp(String.raw`^${field}:\s+(\d+) kB`, "m").exec(status)?.[1] ?? 0) * 1_024;

async function countSockets(pid: number): Promise<number> {
  const links = (await readdir(`/proc/${pid}/fd`)).map((fd) =>
    // It may have been closed meanwhile.
    readlink(`/proc/${pid}/fd/${fd}`).catch(() => ""),
  );
  return (await Promise.all(links)).filter((link) => link.startsWith("socket:")).length;
}

export async function readVitals(pid: number): Promise<Vitals> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return {
    rssBytes: kibibytes(status, "VmRSS"),
    peakBytes: kibibytes(status, "VmHWM"),
    sockets: await countSockets(pid),
  };
}

const RESET_PEAK = "5";

/** Makes the peak count from now on. */
export const resetPeak = (pid: number): Promise<void> => writeFile(`/proc/${pid}/clear_refs`, RESET_PEAK);

/** What may be left of an attack: memory that the allocator keeps, and connections that were built anew. */
const KEPT_SHARE = 1.2;
const KEPT_SOCKETS = 4;

/** Whether a process holds as much as before. */
export const isBackTo = (before: Vitals, after: Vitals): boolean =>
  after.rssBytes <= before.rssBytes * KEPT_SHARE && after.sockets <= before.sockets + KEPT_SOCKETS;
