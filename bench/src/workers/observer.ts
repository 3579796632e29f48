import { serve } from "@commcoin/harness";
import { WebSocket } from "ws";
import { openClient } from "../load/client.ts";

interface LogsFrame {
  readonly params?: { readonly result?: { readonly value?: { readonly signature?: string } } };
}
interface Message {
  readonly type: string;
  readonly id: string;
}

const PROGRAM = "6YuHH4kveCrEeEtVKM2nh18zU4XWFpEWqV8f5GbhdnzX";
const announcedAt = new Map<string, number>();
const delays: number[] = [];

/** A subscription of its own beside the listener's tells when a notification can have arrived. */
function watchAnnouncements(wsUrl: string): Promise<void> {
  const socket = new WebSocket(wsUrl, { perMessageDeflate: false });
  const params = [{ mentions: [PROGRAM] }, { commitment: "confirmed" }];
  socket.on("message", (data: Buffer) => {
    const at = performance.now();
    const signature = (JSON.parse(data.toString()) as LogsFrame).params?.result?.value?.signature;
    if (signature !== undefined) announcedAt.set(signature, at);
  });
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("open", () => {
      socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "logsSubscribe", params }));
      resolve();
    });
  });
}

function receive(frame: Buffer, at: number): void {
  const { type, id } = JSON.parse(frame.toString()) as Message;
  if (type !== "TransactionUpdate") return;
  const signature = id.slice(0, id.indexOf(":"));
  const announced = announcedAt.get(signature);
  if (announced === undefined) return;
  delays.push(at - announced);
  // The same transaction comes again when it is final.
  announcedAt.delete(signature);
}

const commands = {
  /** Watches what a node announces, and what a client of a gateway gets of it. */
  async start(wsUrl: string, port: number): Promise<void> {
    await watchAnnouncements(wsUrl);
    openClient({
      port,
      path: "/ws?subscriptions=transactions",
      from: "127.0.0.1",
      wantsPayload: true,
      events: {
        messages: () => {},
        payload: (frame) => receive(frame, performance.now()),
        ended: (reason) => {
          throw new Error(`The client was cut off: ${reason}`);
        },
      },
    });
  },
  seen: (): number => delays.length,
  /** Milliseconds from notification to the client's socket since the last call. */
  takeDelays: (): readonly number[] => delays.splice(0),
};

export type ObserverCommands = typeof commands;

serve(commands);
