import { createMemoryBroker } from "@commcoin/broker";
import { createListener, listenerConfig } from "@commcoin/listener";
import { loadConfig } from "@commcoin/service/config";
import { silentLogger } from "@commcoin/service/telemetry";
import { WebSocket } from "ws";
import { serve } from "@commcoin/harness";

interface LogsFrame {
  readonly params?: { readonly result?: { readonly value?: { readonly signature?: string } } };
}

const PROGRAM = "6YuHH4kveCrEeEtVKM2nh18zU4XWFpEWqV8f5GbhdnzX";
const announcedAt = new Map<string, number>();
const delays: number[] = [];

/** A subscription of its own beside the listener's tells when a notification arrived. */
function watchAnnouncements(wsUrl: string): void {
  const socket = new WebSocket(wsUrl, { perMessageDeflate: false });
  const params = [{ mentions: [PROGRAM] }, { commitment: "confirmed" }];
  socket.on("open", () => {
    socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "logsSubscribe", params }));
  });
  socket.on("message", (data: Buffer) => {
    const signature = (JSON.parse(data.toString()) as LogsFrame).params?.result?.value?.signature;
    if (signature !== undefined) announcedAt.set(signature, performance.now());
  });
}

const commands = {
  /** A listener on a memory broker, which delivers at once what was published. */
  async start({ httpUrl, wsUrl }: { readonly httpUrl: string; readonly wsUrl: string }): Promise<void> {
    const broker = createMemoryBroker();
    await broker.start();
    await broker.subscribe("transactions", ({ frame }) => {
      const { id } = JSON.parse(Buffer.from(frame).toString()) as { id: string };
      const signature = id.slice(0, id.indexOf(":"));
      const announced = announcedAt.get(signature);
      if (announced === undefined) return;
      delays.push(performance.now() - announced);
      // The same transaction comes again when it is final.
      announcedAt.delete(signature);
    });
    watchAnnouncements(wsUrl);
    const config = loadConfig(listenerConfig, {
      LISTENER_PORT: "0",
      SOLANA_RPC_URL: httpUrl,
      SOLANA_WS_URL: wsUrl,
    });
    await createListener({ config, broker, logger: silentLogger }).start();
  },
  seen: (): number => delays.length,
  /** Milliseconds from notification to delivery since the last call. */
  takeDelays: (): readonly number[] => delays.splice(0),
};

export type ListenerCommands = typeof commands;

serve(commands);
