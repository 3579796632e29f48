import { StartError } from "@commcoin/service/lifecycle";
import { parseArgs } from "node:util";
import { isAddress } from "./wire/base58.ts";

const MAX_PORT = 65_535;
const MAX_SLOT_MS = 60_000;
const MAX_ENDPOINTS = 16;
const MAX_PER_SECOND = 100_000;

export const USAGE = `Usage: localnet [options]

A local Solana node: JSON-RPC over HTTP and subscriptions over WebSocket.

  --http-port <port>        port of JSON-RPC (default 8899; 0 takes a free one)
  --ws-port <port>          port of the subscriptions (default 8900; 0 takes a free one)
  --endpoints <n>           endpoints over the one chain, each 10 ports above the one before (default 1)
  --host <host>             address to listen on (default 127.0.0.1, and ::1)
  --slot-ms <ms>            milliseconds between two slots (default 400)
  --finality-slots <n>      slots until a block is finalized (default 32)
  --genesis <name>          name of the ledger: the same name, the same blockhashes (default random)
  --fault-seed <text>       determines when faults with a probability strike (default the ledger's name)
  --program-id <address>    address of the CommCoin program
  --market <on|off>         play a CommCoin market (default on)
  --market-rate <n>         transactions of the market per second (default 5)
  --replay <path>           recorded transactions, a file or a folder; may be given more than once
  --replay-rate <n>         transactions replayed per second (default 10)
  --quiet                   write nothing but the line that it is ready
  --help                    show this

While it runs, programs on the same machine switch faults by JSON on the RPC port: GET /faults shows them,
POST /faults sets them, for example {"set":{"drop":{"subscriptions":["logs"],"probability":0.1}}},
{"set":{"flood":{"notifications":5000}}}, {"clear":true}, {"disconnect":1006}, {"chain":{"skip":2}}
or {"chain":{"fork":{"depth":3,"reland":"all"}}}.
`;

export interface CliOptions {
  readonly help: boolean;
  readonly quiet: boolean;
  readonly httpPort: number;
  readonly wsPort: number;
  readonly endpoints: number;
  readonly host: string;
  readonly slotMs: number;
  readonly finalitySlots: number;
  readonly genesis: string | undefined;
  readonly faultSeed: string | undefined;
  readonly programId: string | undefined;
  readonly market: boolean;
  readonly marketRate: number;
  readonly replay: readonly string[];
  readonly replayRate: number;
}

const parse = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    options: {
      "http-port": { type: "string", default: "8899" },
      "ws-port": { type: "string", default: "8900" },
      endpoints: { type: "string", default: "1" },
      host: { type: "string", default: "127.0.0.1" },
      "slot-ms": { type: "string", default: "400" },
      "finality-slots": { type: "string", default: "32" },
      genesis: { type: "string" },
      "fault-seed": { type: "string" },
      "program-id": { type: "string" },
      market: { type: "string", default: "on" },
      "market-rate": { type: "string", default: "5" },
      replay: { type: "string", multiple: true, default: [] },
      "replay-rate": { type: "string", default: "10" },
      quiet: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  }).values;

/** Reads the command line. @throws {StartError} that lists everything wrong with it. */
export const readCliOptions = (args: readonly string[]): CliOptions => {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (error) {
    throw new StartError(`${error instanceof Error ? error.message : String(error)}\nTry --help.`);
  }
  const problems: string[] = [];
  const number = (flag: string, text: string, minimum: number, maximum: number): number => {
    const value = Number(text);
    const good = /^\d+(\.\d+)?$/.test(text) && value >= minimum && value <= maximum;
    if (!good) problems.push(`--${flag} must be a number from ${minimum} to ${maximum}, not "${text}"`);
    return value;
  };
  const integer = (flag: string, text: string, minimum: number, maximum: number): number => {
    const value = number(flag, text, minimum, maximum);
    if (Number.isFinite(value) && !Number.isInteger(value)) problems.push(`--${flag} must be a whole number`);
    return value;
  };
  const { market } = values;
  if (market !== "on" && market !== "off") problems.push(`--market must be on or off, not "${market}"`);
  const programId = values["program-id"];
  if (programId !== undefined && !isAddress(programId)) {
    problems.push(`--program-id must be a base58 address, not "${programId}"`);
  }
  const options: CliOptions = {
    help: values.help,
    quiet: values.quiet,
    httpPort: integer("http-port", values["http-port"], 0, MAX_PORT),
    wsPort: integer("ws-port", values["ws-port"], 0, MAX_PORT),
    endpoints: integer("endpoints", values.endpoints, 1, MAX_ENDPOINTS),
    host: values.host,
    slotMs: integer("slot-ms", values["slot-ms"], 1, MAX_SLOT_MS),
    finalitySlots: integer("finality-slots", values["finality-slots"], 1, 1_000),
    genesis: values.genesis,
    faultSeed: values["fault-seed"],
    programId,
    market: market === "on",
    marketRate: number("market-rate", values["market-rate"], 0.1, MAX_PER_SECOND),
    replay: values.replay,
    replayRate: number("replay-rate", values["replay-rate"], 0.1, MAX_PER_SECOND),
  };
  if (problems.length > 0) throw new StartError(`${problems.join("\n")}\nTry --help.`);
  return options;
};
