import type { StreamState } from "@commcoin/broker";
import { createBackoff, sleep, untilAborted, whenAborted } from "@commcoin/service/lifecycle";
import type { Logger } from "@commcoin/service/telemetry";
import { isSolanaError, SOLANA_ERROR__RPC_SUBSCRIPTIONS__CHANNEL_CONNECTION_CLOSED } from "@solana/kit";
import type { ListenerMetrics } from "../metrics/listener-metrics.ts";
import { ConnectionLost } from "../rpc/connection-lost.ts";
import type { Endpoint } from "../rpc/endpoints.ts";
import type { FrameFault } from "../rpc/frame-faults.ts";
import { createSubscriptions, type NodeSubscriptions } from "../rpc/subscriptions.ts";
import { retryAfterMs } from "../rpc/transient.ts";
import { openChannel, type NodeChannel } from "../rpc/websocket-channel.ts";
import { createAbortScope } from "../support/abort-scope.ts";
import { errorText } from "../support/error-text.ts";
import {
  CONNECTION_START,
  nextConnection,
  type ConnectionCommand,
  type ConnectionEventType,
} from "./connection-state.ts";
import { readSlotNotification, type SlotNotification } from "./notifications.ts";
import { createSlotWatch, type SlotWatch } from "./slot-watch.ts";

/** One life of a connection. Its subscriptions end with it. */
export interface Session {
  readonly endpoint: string;
  readonly subscriptions: NodeSubscriptions;
}

export interface ConnectionStatus {
  readonly endpoint: string;
  readonly state: StreamState;
  readonly slot: number | null;
  /** Milliseconds since the newest slot was announced; null while there is none. */
  readonly slotAgeMs: number | null;
}

/** Whether a frame of a node is left unread. */
export type IsSurplus = (endpoint: string, frame: Buffer) => boolean;

/** A connection to a node, opened again whenever it ends. */
export interface NodeConnection {
  /**
   * Keeps a connection open until the signal aborts; never rejects.
   * @param isSurplus none is, without it.
   */
  run(signal: AbortSignal, isSurplus?: IsSurplus): Promise<void>;
  /**
   * Tells of the session that is live, at once and whenever there is another one or, as null, none.
   * @returns stops telling.
   */
  watch(listener: (session: Session | null) => void): () => void;
  /** Gives the connection up, so that a new one is opened. */
  lose(reason: ConnectionLost): void;
  /** Stops reading while anybody holds: what comes waits in the network, then in the node. */
  hold(holder: object): void;
  release(holder: object): void;
  status(): ConnectionStatus;
}

export interface ConnectionOptions {
  readonly endpoint: Endpoint;
  /** The node to go on with when a connection to this one ended. */
  readonly exchange: (current: Endpoint) => Endpoint;
  readonly onLost: (endpoint: string, loss: ConnectionLost) => void;
  /** Called for each frame that is no message of the protocol, with what it says. */
  readonly onFault: (endpoint: string, fault: FrameFault, words: string) => void;
  /** @returns whether the node is believed: of slots that it only claims, nothing more is heard. */
  readonly onSlot: (endpoint: string, announced: SlotNotification) => boolean;
  readonly log: Logger;
  readonly metrics: Pick<ListenerMetrics, "reconnects">;
  /** Least time without a slot after which the node is given up. */
  readonly slotStallMs: number;
}

const BACKOFF = { minMs: 100, maxMs: 10_000 };
/** A connection that lived so long was healthy; the next failure begins with a short delay again. */
const HEALTHY_AFTER_MS = 30_000;
const STALL_CHECK_MS = 1_000;
/** From this delay on, it is no hiccup any more. */
const SERIOUS_DELAY_MS = 5_000;

const asLoss = (error: unknown): ConnectionLost => {
  if (error instanceof ConnectionLost) return error;
  if (isSolanaError(error, SOLANA_ERROR__RPC_SUBSCRIPTIONS__CHANNEL_CONNECTION_CLOSED))
    return asLoss(error.cause);
  return new ConnectionLost("no_slots", `The slot subscription failed: ${errorText(error)}`, {
    cause: error,
  });
};

/** One attempt: a socket, and what hangs on it. */
interface Attempt {
  readonly scope: AbortController;
  readonly generation: number;
  readonly startedAt: number;
  channel: NodeChannel | null;
  watch: SlotWatch | null;
}

export function createNodeConnection({
  endpoint: first,
  exchange,
  onLost,
  onFault,
  onSlot,
  log,
  metrics,
  slotStallMs,
}: ConnectionOptions): NodeConnection {
  const holders = new Set<object>();
  const listeners = new Set<(session: Session | null) => void>();
  const backoff = createBackoff(BACKOFF);
  let state = CONNECTION_START;
  let endpoint = first;
  let attempt: Attempt | null = null;
  let session: Session | null = null;
  let loss: ConnectionLost | null = null;
  let waiting = createAbortScope();
  let surplus: IsSurplus = () => false;

  const announce = (next: Session | null): void => {
    if (session === next) return;
    session = next;
    for (const listener of listeners) listener(next);
  };

  const open = (): void => {
    const scope = createAbortScope();
    const { generation } = state;
    const opening: Attempt = { scope, generation, startedAt: performance.now(), channel: null, watch: null };
    attempt = opening;
    const lost = (error: unknown): void => {
      loss = asLoss(error);
      dispatch("lost", generation);
    };
    const { name, url } = endpoint;
    const options = {
      url,
      signal: scope.signal,
      onFault: onFault.bind(null, name),
      isSurplus: surplus.bind(null, name),
    };
    openChannel(options).then((channel) => {
      opening.channel = channel;
      if (holders.size > 0) channel.pause();
      void channel.lost.then(lost);
      dispatch("opened", generation);
    }, lost);
  };

  /** Follows the node's slots for as long as the attempt lasts. */
  const followSlots = async ({ scope, generation, channel }: Attempt, watch: SlotWatch): Promise<void> => {
    if (channel === null) return;
    try {
      const subscriptions = createSubscriptions(channel);
      const slots = await subscriptions.slotNotifications().subscribe({ abortSignal: scope.signal });
      dispatch("acknowledged", generation);
      for await (const value of slots) {
        const announced = readSlotNotification(value);
        if (announced === null) continue;
        if (onSlot(endpoint.name, announced)) watch.seen(announced.slot, performance.now());
      }
    } catch (error) {
      channel.end(asLoss(error));
    }
  };

  /** Gives up a node that announces no slots. */
  const guard = ({ scope, channel }: Attempt, watch: SlotWatch): void => {
    const check = setInterval(() => {
      if (channel?.paused === true) watch.paused(performance.now());
      const silent = watch.stalledMs(performance.now());
      if (silent === null) return;
      const text = `The node announced no slot for ${Math.round(silent)} ms.`;
      channel?.end(new ConnectionLost("no_slots", text));
    }, STALL_CHECK_MS);
    whenAborted(scope.signal, () => clearInterval(check));
  };

  const wait = (): void => {
    const { name } = endpoint;
    if (attempt !== null && performance.now() - attempt.startedAt > HEALTHY_AFTER_MS) backoff.reset();
    const last = loss ?? new ConnectionLost("closed", "The connection ended.");
    const { reason } = last;
    // A node that says when it can be asked again says it in its answer to the handshake.
    const delayMs = Math.round(retryAfterMs(last.cause, Date.now()) + backoff.next());
    onLost(name, last);
    metrics.reconnects.inc({ endpoint: name, reason });
    const fields = { endpoint: name, reason, retry_in_ms: delayMs };
    const text = `connection to the node ${reason === "refused" ? "refused" : "lost"}: ${last.message}`;
    if (delayMs > SERIOUS_DELAY_MS) log.error(fields, text);
    else log.warn(fields, text);
    endpoint = exchange(endpoint);
    const { generation } = state;
    waiting = createAbortScope();
    void sleep(delayMs, waiting.signal).then(() => dispatch("retry", generation));
  };

  const commands: Readonly<Record<ConnectionCommand, () => void>> = {
    open,
    subscribe_to_slots() {
      if (attempt === null) return;
      const watch = createSlotWatch(performance.now(), slotStallMs);
      attempt.watch = watch;
      guard(attempt, watch);
      void followSlots(attempt, watch);
    },
    announce() {
      log.info({ endpoint: endpoint.name }, "connected to the node");
      const channel = attempt?.channel ?? null;
      if (channel !== null)
        announce({ endpoint: endpoint.name, subscriptions: createSubscriptions(channel) });
    },
    close() {
      attempt?.scope.abort();
      announce(null);
    },
    wait,
    cancel_wait: () => waiting.abort(),
  };

  const dispatch = (type: ConnectionEventType, generation?: number): void => {
    const step = nextConnection(state, generation === undefined ? { type } : { type, generation });
    state = step.state;
    for (const command of step.commands) commands[command]();
  };

  return {
    async run(signal, isSurplus = () => false) {
      surplus = isSurplus;
      dispatch("start");
      await untilAborted(signal);
      dispatch("stop");
    },
    watch(listener) {
      listeners.add(listener);
      if (session !== null) listener(session);
      return () => listeners.delete(listener);
    },
    lose: (reason) => attempt?.channel?.end(reason),
    hold(holder) {
      holders.add(holder);
      attempt?.channel?.pause();
    },
    release(holder) {
      if (holders.delete(holder) && holders.size === 0) attempt?.channel?.resume();
    },
    status() {
      const watch = state.name === "live" ? attempt?.watch : null;
      const slot = watch?.slot ?? null;
      return {
        endpoint: endpoint.name,
        state: state.name,
        slot,
        slotAgeMs: slot === null || !watch ? null : performance.now() - watch.at,
      };
    },
  };
}
