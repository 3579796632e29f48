export { serve } from "./serve.ts";
export { startWorker, type Usage, type Worker } from "./worker.ts";
export type { Commands } from "./worker-protocol.ts";
