import { STATUS_CODES, type IncomingMessage } from "node:http";
import { whenAborted } from "@commcoin/service/lifecycle";
import type { RpcSubscriptionChannelEvents, RpcSubscriptionsChannel } from "@solana/kit";
import { WebSocket, type RawData } from "ws";
import { createAcknowledgementBarrier } from "./acknowledgement-barrier.ts";
import { readExcerpt } from "./body.ts";
import { asChannelError, ConnectionLost } from "./connection-lost.ts";
import { faultOf, type FrameFault } from "./frame-faults.ts";
import { wordsOfText, type Hide } from "./node-words.ts";
import { parseFrame } from "./parse-frame.ts";
import { hideSecretsOf } from "./public-url.ts";
import { errorOfStatus } from "./read-answer.ts";
import { splitCredentials } from "./split-credentials.ts";

export interface ChannelOptions {
  readonly url: string;
  /** Closes the channel, or gives up opening it. */
  readonly signal: AbortSignal;
  readonly handshakeTimeoutMs?: number;
  readonly pingIntervalMs?: number;
  /** A connection on which nothing was heard for so long is dead. */
  readonly silenceMs?: number;
  /** Called for each frame that is no message of the protocol, with what it says. */
  readonly onFault?: (fault: FrameFault, words: string) => void;
  /** Whether a frame is left unread. */
  readonly isSurplus?: (frame: Buffer) => boolean;
}

/** One WebSocket to a node, as kit's subscriptions want it, and what kit does not ask for. */
export interface NodeChannel extends RpcSubscriptionsChannel<unknown, unknown> {
  /** Resolves when the connection ended, whatever the cause; never rejects. */
  readonly lost: Promise<ConnectionLost>;
  /** Ends the connection at once. */
  end(reason: ConnectionLost): void;
  /** Stops reading from the socket, so that the node and the network hold back what comes. */
  pause(): void;
  resume(): void;
  readonly paused: boolean;
  /** Takes a message that makes no sense to whoever it was for. */
  fault(fault: FrameFault, words: string): void;
  /** Takes keys of the node's URL out of what it says. */
  readonly hide: Hide;
}

const HANDSHAKE_TIMEOUT_MS = 5_000;
const PING_INTERVAL_MS = 5_000;
/** Two pings and a bit: one lost pong is no reason to reconnect. */
const SILENCE_MS = 12_000;
/** A block notification can be tens of megabytes; nothing sane is larger than this. */
const MAX_FRAME_BYTES = 64 * 1024 * 1024;
const TOO_LONG = "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH";
/** How long a closing handshake may take before the socket is destroyed. */
const CLOSE_TIMEOUT_MS = 500;

type Events = RpcSubscriptionChannelEvents<unknown>;
type Listener = (event: never) => void;

/** What can be done about a handshake that is answered with a status. */
function remedyFor(status: number): string {
  if (status === 401 || status === 403) return "check the key in SOLANA_WS_URL";
  if (status === 429) return "too many connections or requests for this key: it is tried again later";
  if (status >= 500) return "the node, or a proxy before it, is not well: it is tried again";
  return "SOLANA_WS_URL is not the address of its WebSocket";
}

/** What a node answers to the handshake that does not open the connection. */
async function readHandshake(response: IncomingMessage, hide: Hide): Promise<ConnectionLost> {
  const { statusCode = 0, headers } = response;
  const text = await readExcerpt(response, headers["content-encoding"]);
  const said = text.trim() === "" ? (STATUS_CODES[statusCode] ?? "") : text;
  const cause = errorOfStatus(statusCode, said, headers["retry-after"] ?? null, hide);
  const refused = `The node refused the WebSocket with HTTP ${statusCode} (${remedyFor(statusCode)})`;
  const { words } = cause.refusal;
  return new ConnectionLost("refused", words === "" ? `${refused}.` : `${refused}: ${words}`, { cause });
}

/**
 * Opens a WebSocket to a node as a channel for kit's subscriptions. In contrast to kit's own: each frame is parsed
 * once and as plain JSON; a clean close is an error like every other end; a peer that does not answer pings is
 * given up; no frame that follows an acknowledgement is lost; what is no message, a keep-alive for example, is passed over,
 * and a message that is broken ends the connection, as it may have been a notification.
 * @throws {ConnectionLost} when the connection cannot be opened.
 */
export function openChannel({
  url,
  signal,
  handshakeTimeoutMs = HANDSHAKE_TIMEOUT_MS,
  pingIntervalMs = PING_INTERVAL_MS,
  silenceMs = SILENCE_MS,
  onFault = () => {},
  isSurplus = () => false,
}: ChannelOptions): Promise<NodeChannel> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new ConnectionLost("stopped", "The connection was not wanted any more."));
      return;
    }
    const { url: plainUrl, headers } = splitCredentials(url);
    const socket = new WebSocket(plainUrl, {
      headers,
      handshakeTimeout: handshakeTimeoutMs,
      // Costs more than ten times what parsing a notification does.
      perMessageDeflate: false,
      maxPayload: MAX_FRAME_BYTES,
      // One byte of a log that is no UTF-8 is no reason to give up a connection.
      skipUTF8Validation: true,
    });
    const hide = hideSecretsOf(url);
    const listeners: { [Name in keyof Events]: Set<Listener> } = { error: new Set(), message: new Set() };
    const emit = (name: keyof Events, event: unknown): void => {
      for (const listener of listeners[name]) listener(event as never);
    };
    /** Nothing that a node sends gets out of here as an exception. */
    const barrier = createAcknowledgementBarrier((message) => {
      try {
        emit("message", message);
      } catch (cause) {
        onFault("unreadable", String(cause));
        end(new ConnectionLost("bad_frame", "A message of the node could not be read.", { cause }));
      }
    });
    let tell: (lost: ConnectionLost) => void = () => {};
    const lost = new Promise<ConnectionLost>((resolve) => {
      tell = resolve;
    });
    let loss: ConnectionLost | null = null;
    let socketError: Error | undefined;
    let opened = false;
    let heardAt = performance.now();

    const watchdog = setInterval(() => {
      // A paused socket does not read pongs either.
      if (socket.isPaused) heardAt = performance.now();
      const silent = performance.now() - heardAt;
      if (silent > silenceMs) {
        end(new ConnectionLost("no_pong", `The node was silent for ${Math.round(silent)} ms.`));
      } else if (socket.readyState === WebSocket.OPEN) {
        socket.ping();
      }
    }, pingIntervalMs);

    const end = (reason: ConnectionLost): void => {
      if (loss !== null) return;
      loss = reason;
      clearInterval(watchdog);
      leave();
      if (reason.reason === "stopped" && socket.readyState === WebSocket.OPEN) {
        socket.close(1000);
        setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS).unref();
      } else {
        socket.terminate();
      }
      barrier.flush();
      const error = asChannelError(reason);
      emit("error", error);
      tell(reason);
      reject(reason);
    };
    const leave = whenAborted(signal, () =>
      end(new ConnectionLost("stopped", "The connection was closed on purpose.")),
    );

    socket.on("error", (error) => {
      socketError = error;
      if ((error as NodeJS.ErrnoException).code === TOO_LONG) onFault("oversized", error.message);
    });
    socket.on("unexpected-response", (_, response) => void readHandshake(response, hide).then(end));
    socket.on("close", (code, reason) => {
      const said = reason.length > 0 ? `: ${wordsOfText(reason.toString("utf8"), hide)}` : "";
      end(
        opened
          ? new ConnectionLost("closed", `The connection was closed with code ${code}${said}.`, {
              cause: socketError,
            })
          : new ConnectionLost("refused", socketError?.message ?? "The connection failed.", {
              cause: socketError,
            }),
      );
    });
    socket.on("pong", () => {
      heardAt = performance.now();
    });
    socket.on("message", (data: RawData, isBinary) => {
      if (loss !== null) return;
      heardAt = performance.now();
      if (isSurplus(data as Buffer)) return;
      const text = (data as Buffer).toString("utf8");
      let message: unknown;
      try {
        message = parseFrame(text);
      } catch (cause) {
        const fault = faultOf(text, isBinary);
        onFault(fault, wordsOfText(text, hide));
        if (fault === "broken")
          end(new ConnectionLost("bad_frame", "The node sent a frame that is broken JSON.", { cause }));
        return;
      }
      if (!Array.isArray(message)) barrier.push(message);
      else for (const each of message as readonly unknown[]) barrier.push(each);
    });
    socket.on("open", () => {
      opened = true;
      resolve({
        lost,
        end,
        fault: onFault,
        hide,
        pause: () => socket.pause(),
        resume: () => {
          heardAt = performance.now();
          socket.resume();
        },
        get paused() {
          return socket.isPaused;
        },
        on(name, subscriber, options) {
          const listener: Listener = subscriber;
          if (options?.signal.aborted === true) return () => {};
          listeners[name].add(listener);
          const leaveSignal = whenAborted(options?.signal, () => void listeners[name].delete(listener));
          const remove = (): void => {
            listeners[name].delete(listener);
            leaveSignal();
          };
          // Whoever comes after the end is told all the same, or it would wait for ever.
          if (name === "error" && loss !== null) {
            const error = asChannelError(loss);
            queueMicrotask(() => listener(error as never));
          }
          return remove;
        },
        send: (message) =>
          new Promise((sent, failed) => {
            if (loss !== null) failed(asChannelError(loss));
            else {
              const text = typeof message === "string" ? message : JSON.stringify(message);
              socket.send(text, (error) => (error ? failed(error) : sent()));
            }
          }),
      });
    });
  });
}
