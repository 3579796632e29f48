import type { ComponentChildren, JSX } from "preact";
import type { Polled } from "../api/poll.ts";

/** There is nothing, and why. */
export const Empty = ({ children }: { readonly children: ComponentChildren }): JSX.Element => (
  <p class="empty">{children}</p>
);

/** Something is on its way. */
export const Loading = ({ what = "Loading…" }: { readonly what?: string }): JSX.Element => (
  <p class="loading" role="status">
    <span class="spinner" aria-hidden="true" /> {what}
  </p>
);

export const Failure = ({ children }: { readonly children: ComponentChildren }): JSX.Element => (
  <p class="failure" role="alert">
    {children}
  </p>
);

interface LoadedProps<Data> {
  readonly from: Polled<Data>;
  readonly children: (data: Data) => ComponentChildren;
}

/** What was asked for, once it is here; before, that it is on its way, and always why it cannot be had. */
export function Loaded<Data>({ from, children }: LoadedProps<Data>): JSX.Element {
  const { data, error } = from;
  return (
    <>
      {error !== null && (
        <Failure>
          {error} {data !== undefined && "What is shown is from before."}
        </Failure>
      )}
      {data === undefined ? error === null && <Loading /> : children(data)}
    </>
  );
}

interface PanelProps {
  readonly title: string;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}

export const Panel = ({ title, aside, children }: PanelProps): JSX.Element => (
  <section class="panel" aria-label={title}>
    <header>
      <h2>{title}</h2>
      {aside}
    </header>
    {children}
  </section>
);

interface TileProps {
  readonly label: string;
  readonly children: ComponentChildren;
}

export const Tile = ({ label, children }: TileProps): JSX.Element => (
  <div class="tile">
    <dt>{label}</dt>
    <dd>{children}</dd>
  </div>
);

/** Which servers did not answer, where an answer came together from several. */
export const MissingServers = ({ servers }: { readonly servers: readonly string[] }): JSX.Element | null =>
  servers.length === 0 ? null : (
    <Failure>Not answered in time, and not counted: {servers.join(", ")}.</Failure>
  );
