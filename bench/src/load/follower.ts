import type { Socket } from "node:net";
import { openClient } from "./client.ts";

const OFFSET = Buffer.from('"offset":');
const RESET = Buffer.from('{"type":"reset"');
/** Longest number that is read behind `OFFSET`. */
const OFFSET_DIGITS = 16;

interface Connected {
  readonly data: {
    readonly subscriptions: readonly {
      readonly topic: string;
      readonly epoch: string;
      readonly offset: number;
      readonly recovered?: boolean;
    }[];
  };
}

/** A client of one topic that keeps its position, resumes, and counts what is missing and what comes twice. */
export class Follower {
  readonly #topic: string;
  readonly #port: number;
  readonly #from: string;
  #socket: Socket | null = null;
  #epoch = "";
  #connected = false;
  #onConnected: () => void = () => {};
  /** Newest offset. */
  offset = 0;
  /** Offsets that were left out, or that it was told to be lost. */
  missed = 0;
  repeated = 0;
  /** Why its connection ended; null while it is open. */
  ended: string | null = null;

  constructor(topic: string, port: number, from: string) {
    this.#topic = topic;
    this.#port = port;
    this.#from = from;
  }

  /** Connects, from its position on when it has one. Resolves once it is joined; rejects when it ends before. */
  open(): Promise<void> {
    const since = this.#epoch === "" ? "" : `&since=${this.#topic}@${this.#epoch}:${this.offset}`;
    this.#connected = false;
    this.ended = null;
    return new Promise((resolve, reject) => {
      this.#onConnected = resolve;
      this.#socket = openClient({
        port: this.#port,
        path: `/ws?subscriptions=${this.#topic}${since}`,
        from: this.#from,
        wantsPayload: true,
        events: {
          messages: () => {},
          payload: (bytes) => this.#receive(bytes),
          ended: (reason) => {
            this.ended = reason;
            reject(new Error(reason));
          },
        },
      });
    });
  }

  /** Reads nothing more, but keeps its connection. */
  freeze(): void {
    this.#socket?.pause();
  }

  /** Reads on, and resolves when the connection that the server gave up is gone. */
  thaw(): Promise<void> {
    const socket = this.#socket;
    if (socket === null || socket.closed) return Promise.resolve();
    return new Promise((resolve) => {
      socket.once("close", () => resolve());
      socket.resume();
    });
  }

  #receive(bytes: Buffer): void {
    if (!this.#connected) {
      this.#join(bytes);
      return;
    }
    const at = bytes.indexOf(OFFSET);
    if (at < 0) return;
    const offset = Number.parseInt(
      bytes.toString("latin1", at + OFFSET.length, at + OFFSET.length + OFFSET_DIGITS),
      10,
    );
    if (bytes.subarray(0, RESET.length).equals(RESET)) this.missed += Math.max(1, offset - this.offset);
    else if (offset <= this.offset) {
      this.repeated += 1;
      return;
    } else this.missed += offset - this.offset - 1;
    this.offset = offset;
  }

  #join(bytes: Buffer): void {
    const { data } = JSON.parse(bytes.toString()) as Connected;
    const state = data.subscriptions.find(({ topic }) => topic === this.#topic);
    this.#connected = true;
    if (state === undefined) throw new Error(`It was not joined to ${this.#topic}.`);
    if (state.recovered !== true) {
      // Its first connection has missed nothing.
      if (this.#epoch !== "") this.missed += Math.max(1, state.offset - this.offset);
      this.#epoch = state.epoch;
      this.offset = state.offset;
    }
    this.#onConnected();
  }
}
