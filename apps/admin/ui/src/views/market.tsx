import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Sparkline } from "../charts/sparkline.tsx";
import { DataTable, type Column as TableColumn } from "../components/data-table.tsx";
import { Empty, Failure, Loading, Panel } from "../components/states.tsx";
import { Change, Num } from "../components/values.tsx";
import { shorten } from "../format.ts";
import { coins, marketError, marketLoaded, startMarket } from "../live/market-store.ts";
import { selectCoins, titleOf, type Coin, type Column, type Sorting } from "../market.ts";
import { Link } from "../navigation.tsx";
import { coinPath } from "../routes.ts";

/** More rows than a person reads; the search finds the others. */
const MAX_ROWS = 200;

const HEADS: Readonly<Record<Column, string>> = {
  name: "Coin",
  price: "Price, SOL",
  change_24h: "24 h",
  volume_24h: "Volume 24 h, SOL",
  trades_24h: "Trades 24 h",
  market_cap: "Market cap, SOL",
};

function Name({ coin }: { readonly coin: Coin }): JSX.Element {
  const { mint, name } = coin;
  const title = titleOf(coin);
  return (
    <>
      <Link href={coinPath(mint)} title={mint}>
        {title === mint ? shorten(mint) : title}
      </Link>
      {name !== null && name !== title && <span class="faint"> {name}</span>}
    </>
  );
}

const CELLS: Readonly<Record<Column, (coin: Coin) => JSX.Element>> = {
  name: (coin) => <Name coin={coin} />,
  price: ({ market }) => <Num value={market?.price} />,
  change_24h: ({ market }) => <Change value={market?.change_24h} />,
  volume_24h: ({ market }) => <Num value={market?.volume_24h} />,
  trades_24h: ({ market }) => <Num value={market?.trades_24h} />,
  market_cap: ({ market }) => <Num value={market?.market_cap} />,
};

interface HeadProps {
  readonly column: Column;
  readonly sorting: Sorting;
  readonly onSort: (sorting: Sorting) => void;
}

function Head({ column, sorting, onSort }: HeadProps): JSX.Element {
  const active = sorting.column === column;
  const next = { column, descending: active ? !sorting.descending : column !== "name" };
  return (
    <button type="button" class="sort" onClick={() => onSort(next)}>
      {HEADS[column]} <span aria-hidden="true">{active ? (sorting.descending ? "▾" : "▴") : ""}</span>
    </button>
  );
}

function columnsOf(sorting: Sorting, onSort: (sorting: Sorting) => void): readonly TableColumn<Coin>[] {
  const direction = sorting.descending ? ("descending" as const) : ("ascending" as const);
  return [
    ...(Object.keys(HEADS) as Column[]).map((column) => ({
      name: HEADS[column],
      cell: CELLS[column],
      right: column !== "name",
      head: <Head column={column} sorting={sorting} onSort={onSort} />,
      sorted: sorting.column === column ? direction : ("none" as const),
    })),
    { name: "Trend", cell: ({ prices }) => <Sparkline values={prices} /> },
  ];
}

function NoCoins({ search }: { readonly search: string }): JSX.Element | null {
  if (search !== "") return <Empty>No coin fits the search.</Empty>;
  if (marketLoaded.value)
    return <Empty>No coin was traded lately. Coins appear here as soon as one is.</Empty>;
  return marketError.value === null ? <Loading what="Reading the market…" /> : null;
}

/** All coins, as they move. */
export function MarketView(): JSX.Element {
  const [search, setSearch] = useState("");
  const [sorting, setSorting] = useState<Sorting>({ column: "volume_24h", descending: true });
  useEffect(startMarket, []);
  const all = coins.value;
  const found = useMemo(() => selectCoins(all.values(), search, sorting), [all, search, sorting]);
  const shown = found.slice(0, MAX_ROWS);
  return (
    <>
      <h1>Market</h1>
      <Panel
        title={`${all.size} ${all.size === 1 ? "coin" : "coins"}`}
        aside={
          <input
            type="search"
            aria-label="Search by name, symbol or mint"
            placeholder="Name, symbol or mint"
            value={search}
            onInput={(event) => setSearch(event.currentTarget.value)}
          />
        }
      >
        {marketError.value !== null && <Failure>{marketError.value}</Failure>}
        {shown.length === 0 ? (
          <NoCoins search={search} />
        ) : (
          <DataTable
            label="Coins"
            columns={columnsOf(sorting, setSorting)}
            rows={shown}
            keyOf={({ mint }) => mint}
          />
        )}
        {found.length > shown.length && (
          <p class="hint">
            The first {MAX_ROWS} of {found.length}; the search finds the others.
          </p>
        )}
      </Panel>
    </>
  );
}
