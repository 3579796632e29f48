import type { TokenBucket } from "@commcoin/service/lifecycle";
import type { Credentials } from "../identity/identity.ts";
import type { Membership } from "./membership.ts";
import { MembershipMap } from "./membership-map.ts";
import type { Socket } from "../transport/socket.ts";

/** The requests for history of one connection. */
export interface PendingHistory {
  /** Under way, or waiting. */
  requests: number;
  /** Settles when the last of them was answered. */
  last: Promise<unknown>;
  /** Set while the client has to read before it goes on. */
  goOn: (() => void) | null;
}

/** Who is at the other end, as far as the handshake or a token tells. */
export interface ConnectionOrigin {
  readonly userId: string | null;
  readonly address: string;
  readonly userAgent: string;
}

/** A class, because there are many: one hidden shape, no closures. */
export class Connection {
  readonly id: string;
  origin: ConnectionOrigin;
  readonly socket: Socket;
  readonly connectedAt: number;
  readonly memberships = new MembershipMap<Membership>();
  /** Memberships whose turn it is to be sent past frames; null mostly. */
  replaying: Set<Membership> | null = null;
  /** Requests for history that are not answered yet; null mostly. */
  history: PendingHistory | null = null;
  /** Frames that came before `connected` was sent, and wait until it was; null afterwards. */
  inbox: string[] | null = [];
  /** What it is counted under in the whole cluster; null where nothing is limited, and before it was. */
  counted: readonly string[] | null = null;
  /** Topics that the client asked for. */
  asked = 0;
  framesIn = 0;
  lastSeenAt: number;
  /** Pinged, and nothing heard since. */
  awaitingPong = false;
  /** A good part of what may wait for it was waiting when last looked at. */
  congested = false;
  closed = false;
  /** What its token says; null where tokens are not verified, and before one was. */
  credentials: Credentials | null = null;
  /** Place in the heartbeat's wheel. */
  slot = 0;
  /** Made when they are needed first: most connections only listen. */
  frameBudget: TokenBucket | null = null;
  errorBudget: TokenBucket | null = null;
  topicBudget: TokenBucket | null = null;
  replayBudget: TokenBucket | null = null;

  constructor(id: string, origin: ConnectionOrigin, socket: Socket, now: number) {
    this.id = id;
    this.origin = origin;
    this.socket = socket;
    this.connectedAt = now;
    this.lastSeenAt = now;
  }
}
