import { setMaxListeners } from "node:events";

/**
 * An `AbortController` for a lifetime that many things share. Node warns of a leak from the eleventh listener on, which
 * is ordinary here: every request and subscription under way has one, and takes it away when it ends.
 */
export function createAbortScope(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
