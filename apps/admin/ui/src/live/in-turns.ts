/** Nobody reads faster; a busy topic has many messages in that time. */
const TURN_MS = 200;

/** Has a piece of work done after the first of many calls, once for all that come until then; not while the page is hidden. */
export function inTurns(work: () => void): () => void {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    setTimeout(
      () =>
        requestAnimationFrame(() => {
          waiting = false;
          work();
        }),
      TURN_MS,
    );
  };
}
