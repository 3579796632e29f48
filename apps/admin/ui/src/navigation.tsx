import { batch, computed, signal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { parseRoute } from "./routes.ts";

const path = signal(location.pathname);
/** The query of the address bar: what a view is narrowed down to. */
export const query = signal(location.search);
const look = (): void =>
  batch(() => {
    path.value = location.pathname;
    query.value = location.search;
  });
addEventListener("popstate", look);

/** The view that the address bar names. */
export const route = computed(() => parseRoute(path.value));

/** Goes to another view, as a link does. */
export function navigate(to: string): void {
  if (to === path.value + query.value) return;
  const before = path.value;
  history.pushState(null, "", to);
  look();
  if (path.value === before) return;
  scrollTo(0, 0);
  document.querySelector("main")?.focus();
}

interface LinkProps {
  readonly href: string;
  readonly title?: string;
  readonly "aria-current"?: "page";
  readonly children: ComponentChildren;
}

/** A link to another view, without a reload; with a modifier key it opens a tab, as every link. */
export function Link({ href, children, ...rest }: LinkProps): JSX.Element {
  const follow = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(href);
  };
  return (
    <a {...rest} href={href} onClick={follow}>
      {children}
    </a>
  );
}
