/**
 * Gives the focus to `main` when what had it is gone, such as the row of a connection that was closed: whoever works with the
 * keyboard goes on from there, and not from the top of the page.
 */
export function keepFocus(main: HTMLElement): void {
  let focused: EventTarget | null = null;
  document.addEventListener("focusin", ({ target }) => (focused = target));
  new MutationObserver(() => {
    if (!(focused instanceof Node) || focused.isConnected) return;
    focused = null;
    if (document.activeElement === document.body) main.focus();
  }).observe(main, { childList: true, subtree: true });
}
