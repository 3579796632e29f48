import type { Attack } from "./attack.ts";
import { badQueries } from "./clients/bad-queries.ts";
import { connectionChurn } from "./clients/connection-churn.ts";
import { fragmentedMessages } from "./clients/fragmented-messages.ts";
import { frameFlood } from "./clients/frame-flood.ts";
import { historyStorm } from "./clients/history-storm.ts";
import { malformedFrames } from "./clients/malformed-frames.ts";
import { neverRead } from "./clients/never-read.ts";
import { replayStorm } from "./clients/replay-storm.ts";
import { slowHandshakes } from "./clients/slow-handshakes.ts";
import { tokenStorm } from "./clients/token-storm.ts";
import { topicFlood } from "./clients/topic-flood.ts";
import { unfinishedMessages } from "./clients/unfinished-messages.ts";
import { halfOpenRequests } from "./http/half-open-requests.ts";
import { largeBodies } from "./http/large-bodies.ts";
import { stuckConnectionsThenStop } from "./http/stuck-connections-then-stop.ts";
import { tokenGuessing } from "./http/token-guessing.ts";
import { wrongRequests } from "./http/wrong-requests.ts";
import { answerErrors } from "./nodes/answer-errors.ts";
import { compressedBombs } from "./nodes/compressed-bombs.ts";
import { endlessBodies } from "./nodes/endless-bodies.ts";
import { falseSignatures } from "./nodes/false-signatures.ts";
import { oddAnswers } from "./nodes/odd-answers.ts";
import { oddFrames } from "./nodes/odd-frames.ts";
import { oddIds } from "./nodes/odd-ids.ts";
import { otherChain } from "./nodes/other-chain.ts";
import { rateLimits } from "./nodes/rate-limits.ts";
import { silence } from "./nodes/silence.ts";
import { subscribeErrors } from "./nodes/subscribe-errors.ts";
import { corruptKeys } from "./redis/corrupt-keys.ts";
import { foreignMessages } from "./redis/foreign-messages.ts";
import { killed } from "./redis/killed.ts";
import { cannotSave, full, noReplicas, readOnly } from "./redis/refuses-writes.ts";

/** In the order in which they are run; those of one scene follow each other on the same services. */
export const ATTACKS: readonly Attack[] = [
  historyStorm,
  replayStorm,
  topicFlood,
  unfinishedMessages,
  fragmentedMessages,
  malformedFrames,
  badQueries,
  slowHandshakes,
  frameFlood,
  connectionChurn,
  neverRead,
  tokenStorm,
  wrongRequests,
  largeBodies,
  tokenGuessing,
  halfOpenRequests,
  stuckConnectionsThenStop,
  foreignMessages,
  full,
  cannotSave,
  readOnly,
  noReplicas,
  killed,
  corruptKeys,
  subscribeErrors,
  answerErrors,
  oddIds,
  oddFrames,
  oddAnswers,
  rateLimits,
  silence,
  falseSignatures,
  endlessBodies,
  compressedBombs,
  otherChain,
];
