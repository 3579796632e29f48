import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import type { FaultSwitches } from "./switches.ts";

/** Close codes a client can be given; 1005 closes without a code, 1006 without a close frame. */
export type CloseCode = 1000 | 1001 | 1005 | 1006 | 1008 | 1011 | 1012 | 1013;

/** The open sockets of one endpoint, which can be closed or stalled under their clients. */
export const createConnections = (faults: FaultSwitches) => {
  const open = new Map<WebSocket, Socket>();
  const stalled = new Set<WebSocket>();
  const waiting = new Map<Socket, () => void>();

  const stall = (socket: WebSocket, raw: Socket): void => {
    if (stalled.has(socket)) return;
    stalled.add(socket);
    socket.pause();
    raw.cork();
  };

  const resume = (socket: WebSocket, raw: Socket): void => {
    if (!stalled.delete(socket)) return;
    raw.uncork();
    socket.resume();
  };

  faults.onSwitch((name) => {
    if (name !== "halfOpen") return;
    const isStalled = faults.setting("halfOpen") !== null;
    for (const [socket, raw] of open) (isStalled ? stall : resume)(socket, raw);
    if (isStalled) return;
    for (const upgrade of waiting.values()) upgrade();
    waiting.clear();
  });

  return {
    /** Performs an upgrade: at once, later, or with the status with which it is refused instead. */
    admit: (raw: Socket, upgrade: () => void): void => {
      const refused = faults.strike("refuseConnection");
      if (refused) {
        raw.end(`HTTP/1.1 ${refused.status} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
        return;
      }
      if (faults.setting("halfOpen")?.connections !== "all") {
        upgrade();
        return;
      }
      waiting.set(raw, upgrade);
      raw.once("close", () => waiting.delete(raw));
    },
    add: (socket: WebSocket, raw: Socket): void => {
      open.set(socket, raw);
      socket.on("close", () => {
        open.delete(socket);
        stalled.delete(socket);
      });
    },
    count: (): number => open.size,
    /** Closes all sockets and returns how many there were. */
    disconnect: (code: CloseCode): number => {
      const closed = open.size;
      for (const [socket, raw] of open) {
        // A close frame would be held up, too.
        if (code !== 1006) resume(socket, raw);
        if (code === 1006) socket.terminate();
        else if (code === 1005) socket.close();
        else socket.close(code);
      }
      return closed;
    },
  };
};

export type Connections = ReturnType<typeof createConnections>;
