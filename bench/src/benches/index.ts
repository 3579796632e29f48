import type { Bench } from "../harness/report.ts";
import { fanOut } from "./fan-out.ts";
import { frozenClients } from "./frozen-clients.ts";
import { fullPath } from "./full-path.ts";
import { idleMemory } from "./idle-memory.ts";
import { idleTopics } from "./idle-topics.ts";
import { ingestionLatency } from "./ingestion-latency.ts";
import { intake } from "./intake.ts";
import { latency } from "./latency.ts";
import { reconnectStorm } from "./reconnect-storm.ts";

/** By the name on the command line. */
export const benches: Readonly<Record<string, Bench>> = {
  intake,
  "full-path": fullPath,
  "ingestion-latency": ingestionLatency,
  "fan-out": fanOut,
  "idle-topics": idleTopics,
  "idle-memory": idleMemory,
  latency,
  "reconnect-storm": reconnectStorm,
  "frozen-clients": frozenClients,
};
