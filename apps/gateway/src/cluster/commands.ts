import type { ControlMessage } from "@commcoin/broker";
import type { Connection } from "../connections/connection.ts";
import type { Connections } from "../connections/connections.ts";

/** What operators may have a gateway do; each says how many connections it closes. */
export interface Commands {
  disconnectConnection(connectionId: string): number;
  disconnectUser(userId: string): number;
  /** Closes everybody over time and admits nobody any more. */
  drain(): number;
}

export function createCommands({
  connections,
  disconnect,
  drain,
}: {
  readonly connections: Pick<Connections, "get" | "ofUser" | "size">;
  readonly disconnect: (connection: Connection) => void;
  readonly drain: () => void;
}): Commands {
  const disconnectAll = (found: readonly Connection[]): number => {
    const open = found.filter(({ closed }) => !closed);
    for (const connection of open) disconnect(connection);
    return open.length;
  };
  return {
    disconnectConnection(connectionId) {
      const connection = connections.get(connectionId);
      return disconnectAll(connection === undefined ? [] : [connection]);
    },
    disconnectUser: (userId) => disconnectAll(connections.ofUser(userId)),
    drain() {
      const { size } = connections;
      drain();
      return size;
    },
  };
}

/** Does what a control message says that nobody wants an answer to. */
export function runCommand(commands: Commands, message: ControlMessage): void {
  switch (message.type) {
    case "disconnect_connection":
      commands.disconnectConnection(message.connection_id);
      break;
    case "disconnect_user":
      commands.disconnectUser(message.user_id);
      break;
    case "drain":
      commands.drain();
      break;
    case "question":
    case "answer":
      break;
  }
}
