import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { CommandError } from "./command-error.ts";
import {
  disconnect,
  listConnections,
  type ConnectionsOptions,
  type DisconnectOptions,
} from "./commands/connections.ts";
import { doctor } from "./commands/doctor.ts";
import { publish, type PublishOptions } from "./commands/publish.ts";
import { drainServer, listServers } from "./commands/servers.ts";
import { tail, type TailOptions } from "./commands/tail.ts";
import { createToken, inspectToken, type TokenCreateOptions } from "./commands/token.ts";
import { trace, type TraceOptions } from "./commands/trace.ts";
import type { AdminOptions, Context } from "./context.ts";
import { isUrlOf, type DoctorOptions } from "./doctor/targets.ts";
import { SERVICES, type ServiceName } from "./doctor/variables.ts";

export { doctorReport, type DoctorReport } from "./doctor/report.ts";

const CONNECTIONS_SHOWN = 100;
const REPLAY_MAX = 100;

const whole =
  (max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= 1 && value <= max) return value;
    throw new InvalidArgumentError(`A whole number from 1 to ${max}.`);
  };
const address =
  (...schemes: readonly string[]) =>
  (text: string): string => {
    if (isUrlOf(schemes, text)) return text;
    throw new InvalidArgumentError(`An address such as ${schemes[0]}://host:port.`);
  };
const addresses =
  (...schemes: readonly string[]) =>
  (text: string, before: readonly string[] = []): readonly string[] => [...before, address(...schemes)(text)];
const services = (text: string): readonly ServiceName[] =>
  list(text).map((name) => {
    const found = SERVICES.find((service) => service === name);
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`Among ${SERVICES.join(", ")}.`);
  });
const list = (text: string): readonly string[] => text.split(",").filter((item) => item !== "");

/** With the options of every command that asks the admin service. */
const asksAdmin = (command: Command): Command =>
  command
    .option("--admin <url>", "admin service; COMMCOIN_ADMIN_URL, else http://localhost:8081")
    .option("--token <token>", "its token; better in ADMIN_TOKEN")
    .option("--json", "answer as JSON");

/**
 * The commands, without anything of the process they run in.
 * @param end is told the exit code of a command that has one of its own.
 */
export function createProgram(context: Context, end: (code: number) => void = () => {}): Command {
  const program = new Command("commcoin")
    .description("Watches and operates Community Coin Realtime.")
    .showHelpAfterError("(--help shows what there is)")
    .exitOverride()
    .configureOutput({ writeOut: context.write, writeErr: context.warn });

  program
    .command("tail <topic...>")
    .description("print the messages of topics as they come, each once, through reconnects")
    .option("--gateway <url>", "gateway; COMMCOIN_GATEWAY_URL, else ws://localhost:8080/ws")
    .option("--user <id>", "who to be, to a gateway that believes it")
    .option("--access-token <jwt>", "who to be, to a gateway that wants tokens")
    .option("--last <n>", "begin with the newest n", whole(REPLAY_MAX))
    .option("--count <n>", "end after n messages", whole(Number.MAX_SAFE_INTEGER))
    .option("--json", "one message per line, as JSON")
    .action((topics: readonly string[], options: TailOptions) => tail(context, topics, options));

  program
    .command("trace <id> [log...]")
    .description(
      "follow a message, or all of a transaction, from slot to socket through the logs of all services",
    )
    .option("--json", "answer as JSON")
    .addHelpText(
      "after",
      "\nServices say what it needs with RUST_LOG=transaction_listener=debug,message_broker=trace,websocket=trace.\n" +
        "The id is that of a message or a signature. Logs are files of JSON lines; without one, standard input.\n" +
        "  journalctl -u 'commcoin-*' -o cat | commcoin trace 5h6x…",
    )
    .action((id: string, files: readonly string[], options: TraceOptions) =>
      trace(context, id, files, options),
    );

  asksAdmin(program.command("publish"))
    .description("publish a message to everybody, a topic, a user or the clients of one server")
    .option("--all", "to everybody")
    .option("--topic <topic>", "to a topic")
    .option("--user <id>", "to a user")
    .option("--server <id>", "to the clients of one gateway")
    .option("--type <type>", "type of the message", "Notification")
    .option("--data <json>", "its data as JSON, or @file")
    .option("--title <text>", "title of a Notification, instead of --data")
    .option("--message <text>", "text of a Notification")
    .option("--id <id>", "the same id is published once")
    .action((options: PublishOptions) => publish(context, options));

  const token = program.command("token").description("tokens for development, and what a token holds");
  token
    .command("create")
    .description("sign a token with AUTH_JWT_SECRET")
    .requiredOption("--user <id>", "the user (sub)")
    .option("--expires <time>", "how long it holds: 30s, 15m, 12h, 7d", "1h")
    .option("--topics <list>", "topics that it allows, comma-separated; all public ones without", list)
    .option("--wallets <list>", "addresses of the user, comma-separated", list)
    .option("--issuer <text>", "issuer (iss)")
    .option("--audience <text>", "audience (aud)")
    .action((options: TokenCreateOptions) => createToken(context, options));
  token
    .command("inspect <token>")
    .description("say what a token holds, and with AUTH_JWT_SECRET whether gateways believe it")
    .action((text: string) => inspectToken(context, text));

  asksAdmin(program.command("servers"))
    .description("list the servers of the cluster, with their health")
    .action((options: AdminOptions) => listServers(context, options));
  asksAdmin(program.command("drain <server>"))
    .description("have a gateway send its clients to the others")
    .action((server: string, options: AdminOptions) => drainServer(context, server, options));

  asksAdmin(program.command("connections"))
    .description("list connections")
    .option("--server <id>", "of one gateway")
    .option("--user <id>", "of one user")
    .option("--topic <topic>", "in a topic")
    .option("--limit <n>", "so many at most", whole(100_000), CONNECTIONS_SHOWN)
    .action((options: ConnectionsOptions) => listConnections(context, options));
  asksAdmin(program.command("disconnect"))
    .description("end a connection, or all of a user's")
    .option("--connection <id>", "one connection")
    .option("--user <id>", "all connections of a user")
    .action((options: DisconnectOptions) => disconnect(context, options));

  addDoctor(program, context, end);
  return program;
}

function addDoctor(program: Command, context: Context, end: (code: number) => void): void {
  program
    .command("doctor")
    .description(
      "find what is wrong with a deployment, from the variables of its services, and say what to do",
    )
    .option(
      "--admin <url>",
      "admin service; COMMCOIN_ADMIN_URL, else this machine's, else the registry's",
      address("http", "https"),
    )
    .option("--token <token>", "its token; better in ADMIN_TOKEN")
    .option(
      "--gateway <url>",
      "a gateway, or a load balancer before them, where the addresses that gateways tell cannot be reached; may be repeated; COMMCOIN_GATEWAY_URL",
      addresses("ws", "wss"),
    )
    .option("--access-token <jwt>", "a token of a client, for gateways that verify them by public keys")
    .addOption(
      new Option("--services <list>", "whose variables these are")
        .argParser(services)
        .default(SERVICES, "listener,gateway,admin"),
    )
    .option("--json", "the report as JSON")
    .addHelpText(
      "after",
      "\nExit code: 0 when nothing is found, 1 when something is, 2 when it could not run.",
    )
    .action(async (options: DoctorOptions) => {
      const cannotRun = (reason: unknown): number => {
        context.warn(`doctor could not run: ${reason instanceof Error ? reason.message : String(reason)}\n`);
        return 2;
      };
      end(await doctor(context, options).catch(cannotRun));
    });
}

/** @returns the exit code: 0, 1 when the command failed, 2 when it was not understood. */
export async function runProgram(context: Context, args: readonly string[]): Promise<number> {
  try {
    let code = 0;
    await createProgram(context, (own) => (code = own)).parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof CommandError) && !(error instanceof RangeError)) throw error;
    context.warn(`${error.message}\n`);
    return 1;
  }
}
