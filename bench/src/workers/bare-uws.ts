import uws from "uWebSockets.js";
import { framesOf, payload, runPlan, sharedMicros, type FramePlan } from "../harness/frame-plan.ts";
import { serve } from "@commcoin/harness";

const app = uws.App();
let connections = 0;
let frames: readonly Buffer[] = [];

/** The event frame that a gateway sends for the same payload. */
const frame = (topic: string, offset: number): Buffer =>
  Buffer.from(
    JSON.stringify({
      type: "TokenPriceUpdate",
      topic,
      offset,
      id: `bench:${offset}`,
      ts: Date.now(),
      data: payload(sharedMicros()),
    }),
  );

const commands = {
  /** A WebSocket server that joins every client to these topics and says one word; returns its port. */
  start: (topics: readonly string[]): Promise<number> =>
    new Promise((resolve, reject) => {
      app.ws("/ws", {
        compression: uws.DISABLED,
        idleTimeout: 960,
        sendPingsAutomatically: false,
        maxBackpressure: 1_048_576,
        open(socket) {
          connections += 1;
          for (const topic of topics) socket.subscribe(topic);
          socket.send("joined", false);
        },
        close() {
          connections -= 1;
        },
      });
      app.listen(0, (socket) => {
        if (socket === false) reject(new Error("no port"));
        else resolve(uws.us_socket_local_port(socket));
      });
    }),

  /** Makes the frames of a plan beforehand: a gateway gets them made, too. */
  prepare(plan: FramePlan): void {
    frames = Array.from({ length: framesOf(plan) }, (_, index) => frame(plan.topic, index + 1));
  },

  /** Publishes as the plan says. */
  async publish(plan: FramePlan): Promise<void> {
    const { topic, framesPerBurst } = plan;
    await runPlan(plan, (burst) => {
      for (const bytes of frames.slice(burst * framesPerBurst, (burst + 1) * framesPerBurst)) {
        app.publish(topic, bytes, false);
      }
    });
  },

  /** The same, with each frame made when it is sent, so that its age is that of its way. */
  async publishFresh(plan: FramePlan): Promise<void> {
    const { topic, framesPerBurst } = plan;
    let offset = 0;
    await runPlan(plan, () => {
      for (let index = 0; index < framesPerBurst; index += 1) {
        offset += 1;
        app.publish(topic, frame(topic, offset), false);
      }
    });
  },

  connections: (): number => connections,
};

export type BareUwsCommands = typeof commands;

serve(commands);
