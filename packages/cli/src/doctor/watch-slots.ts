import { WebSocket } from "ws";
import { wordsOf } from "./check.ts";

/** The first slot that a subscription brought, or why none came. */
export type SlotWatch =
  | { readonly slot: number; readonly afterMs: number }
  | {
      readonly failure: "unreachable" | "refused" | "silent";
      /** HTTP status of a refused upgrade. */
      readonly status: number | null;
      readonly message: string;
    };

const FIRST_SLOT_MS = 6_000;
const MAX_PAYLOAD = 65_536;

interface SlotFrame {
  readonly result?: unknown;
  readonly error?: { readonly message?: unknown };
  readonly params?: { readonly result?: { readonly slot?: unknown } };
}

const parse = (data: string): SlotFrame => {
  try {
    return (JSON.parse(data) ?? {}) as SlotFrame;
  } catch {
    return {};
  }
};

/** Subscribes to the slots of a node and waits for one. Ends within 6 s, and never rejects. */
export function watchSlots(url: string): Promise<SlotWatch> {
  const since = performance.now();
  return new Promise((resolve) => {
    const socket = new WebSocket(url, { handshakeTimeout: FIRST_SLOT_MS, maxPayload: MAX_PAYLOAD });
    let opened = false;
    const end = (found: SlotWatch): void => {
      clearTimeout(timer);
      resolve(found);
      socket.terminate();
    };
    const timer = setTimeout(() => {
      const what = opened ? "it announces no slot" : "no answer to the WebSocket handshake";
      end({
        failure: opened ? "silent" : "unreachable",
        status: null,
        message: `${what} within ${FIRST_SLOT_MS / 1_000} s`,
      });
    }, FIRST_SLOT_MS);
    socket.on("unexpected-response", (request, response) => {
      request.destroy();
      end({
        failure: "refused",
        status: response.statusCode ?? null,
        message: `it answers HTTP ${response.statusCode} to a WebSocket handshake`,
      });
    });
    socket.on("error", (reason) => end({ failure: "unreachable", status: null, message: wordsOf(reason) }));
    socket.on("close", (code) =>
      end({ failure: "refused", status: null, message: `it closes the connection with ${code}` }),
    );
    socket.on("open", () => {
      opened = true;
      socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "slotSubscribe" }));
    });
    socket.on("message", (data: Buffer) => {
      const { error, params } = parse(data.toString());
      if (error !== undefined)
        end({
          failure: "refused",
          status: null,
          message: `it refuses slotSubscribe: ${String(error.message).slice(0, 120)}`,
        });
      const slot = params?.result?.slot;
      if (typeof slot === "number") end({ slot, afterMs: performance.now() - since });
    });
  });
}
