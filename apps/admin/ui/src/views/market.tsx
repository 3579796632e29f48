import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Sparkline } from "../charts/sparkline.tsx";
import { Empty, Failure, Panel, Table } from "../components/states.tsx";
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

function Row({ coin }: { readonly coin: Coin }): JSX.Element {
  const { mint, name, market, prices } = coin;
  const title = titleOf(coin);
  return (
    <tr>
      <th scope="row">
        <Link href={coinPath(mint)} title={mint}>
          {title === mint ? shorten(mint) : title}
        </Link>
        {name !== null && name !== title && <span class="faint"> {name}</span>}
      </th>
      <td class="right">
        <Num value={market?.price} />
      </td>
      <td class="right">
        <Change value={market?.change_24h} />
      </td>
      <td class="right">
        <Num value={market?.volume_24h} />
      </td>
      <td class="right">
        <Num value={market?.trades_24h} />
      </td>
      <td class="right">
        <Num value={market?.market_cap} />
      </td>
      <td>
        <Sparkline values={prices} />
      </td>
    </tr>
  );
}

interface HeadProps {
  readonly column: Column;
  readonly sorting: Sorting;
  readonly onSort: (sorting: Sorting) => void;
}

function Head({ column, sorting, onSort }: HeadProps): JSX.Element {
  const active = sorting.column === column;
  const direction = sorting.descending ? "descending" : "ascending";
  const next = { column, descending: active ? !sorting.descending : column !== "name" };
  return (
    <th scope="col" class={column === "name" ? "" : "right"} aria-sort={active ? direction : "none"}>
      <button type="button" class="sort" onClick={() => onSort(next)}>
        {HEADS[column]} <span aria-hidden="true">{active ? (sorting.descending ? "▾" : "▴") : ""}</span>
      </button>
    </th>
  );
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
          <Empty>
            {search !== ""
              ? "No coin fits the search."
              : marketLoaded.value
                ? "No coin was traded lately. Coins appear here as soon as one is."
                : "Reading the market…"}
          </Empty>
        ) : (
          <Table label="Coins">
            <thead>
              <tr>
                {(Object.keys(HEADS) as Column[]).map((column) => (
                  <Head key={column} column={column} sorting={sorting} onSort={setSorting} />
                ))}
                <th scope="col">Course</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((coin) => (
                <Row key={coin.mint} coin={coin} />
              ))}
            </tbody>
          </Table>
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
