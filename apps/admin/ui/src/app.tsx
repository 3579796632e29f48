import { useEffect } from "preact/hooks";
import type { JSX } from "preact";
import { adminToken, readsRefused } from "./api/request.ts";
import { ConfirmDialog } from "./components/confirm-dialog.tsx";
import { LiveStatus } from "./components/live-status.tsx";
import { Notices } from "./components/notices.tsx";
import { Empty } from "./components/states.tsx";
import { askForToken, TokenDialog } from "./components/token-dialog.tsx";
import { Link, route } from "./navigation.tsx";
import type { Route } from "./routes.ts";
import { theme, THEMES, type Theme } from "./theme.ts";
import { CoinView } from "./views/coin.tsx";
import { ConnectionsView } from "./views/connections.tsx";
import { ListenerView } from "./views/listener.tsx";
import { MarketView } from "./views/market.tsx";
import { OverviewView } from "./views/overview.tsx";
import { PublishView } from "./views/publish.tsx";
import { TopicView } from "./views/topic.tsx";
import { TopicsView } from "./views/topics.tsx";

const LINKS = [
  { path: "/", name: "Overview", views: ["overview"] },
  { path: "/market", name: "Market", views: ["market", "coin"] },
  { path: "/topics", name: "Topics", views: ["topics", "topic"] },
  { path: "/connections", name: "Connections", views: ["connections"] },
  { path: "/publish", name: "Publish", views: ["publish"] },
  { path: "/listener", name: "Listener", views: ["listener"] },
] as const;

function View({ route: shown }: { readonly route: Route }): JSX.Element {
  switch (shown.view) {
    case "overview":
      return <OverviewView />;
    case "market":
      return <MarketView />;
    case "coin":
      return <CoinView key={shown.mint} mint={shown.mint} />;
    case "topics":
      return <TopicsView />;
    case "topic":
      return <TopicView key={shown.topic} topic={shown.topic} />;
    case "connections":
      return <ConnectionsView />;
    case "publish":
      return <PublishView />;
    case "listener":
      return <ListenerView />;
    case "missing":
      return (
        <>
          <h1>Not found</h1>
          <Empty>There is no such page. The menu above has all there are.</Empty>
        </>
      );
  }
}

function ThemeChoice(): JSX.Element {
  return (
    <select
      aria-label="Colours"
      value={theme.value}
      onChange={(event) => (theme.value = event.currentTarget.value as Theme)}
    >
      {THEMES.map((name) => (
        <option key={name} value={name}>
          {name[0]?.toUpperCase() + name.slice(1)}
        </option>
      ))}
    </select>
  );
}

function TokenState(): JSX.Element | null {
  if (adminToken.value !== "")
    return (
      <button type="button" onClick={() => adminToken.keep("")}>
        Forget token
      </button>
    );
  const enter = (): void =>
    void askForToken("It is needed to change something, and to read from other machines.");
  return (
    <button type="button" onClick={enter}>
      Token…
    </button>
  );
}

/** Reads are refused: says why, and asks for the token. */
function Refused(): JSX.Element | null {
  const reason = readsRefused.value;
  useEffect(() => {
    if (reason !== null) void askForToken(reason);
  }, [reason]);
  if (reason === null) return null;
  return (
    <p class="failure" role="alert">
      {reason}{" "}
      <button type="button" onClick={() => void askForToken(reason)}>
        Enter token
      </button>
    </p>
  );
}

/** The frame around every view. */
export function App(): JSX.Element {
  const shown = route.value;
  const name =
    LINKS.find(({ views }) => (views as readonly string[]).includes(shown.view))?.name ?? "Not found";
  useEffect(() => {
    document.title = `${name} · CommCoin Realtime`;
    // On a phone the menu is wider than the page.
    document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [name]);
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="top">
        <span class="brand">
          CommCoin <span>Realtime</span>
        </span>
        <nav aria-label="Views">
          {LINKS.map(({ path, name, views }) => (
            <Link
              key={path}
              href={path}
              {...((views as readonly string[]).includes(shown.view) && { "aria-current": "page" as const })}
            >
              {name}
            </Link>
          ))}
          <a href="/docs">API</a>
        </nav>
        <div class="tools">
          <LiveStatus />
          <TokenState />
          <ThemeChoice />
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <Refused />
        <View route={shown} />
      </main>
      <Notices />
      <ConfirmDialog />
      <TokenDialog />
    </>
  );
}
