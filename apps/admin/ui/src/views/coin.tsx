import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { persist } from "../api/again.ts";
import { wordsOf } from "../api/request.ts";
import { Chart } from "../charts/chart.tsx";
import { addToPage, emptyPage, type CoinPage, type Trade } from "../coin-page.ts";
import { DataTable, type Column } from "../components/data-table.tsx";
import { Empty, Failure, Panel, Tile } from "../components/states.tsx";
import { Address, Badge, Change, Num, Time } from "../components/values.tsx";
import { shorten } from "../format.ts";
import { readKept } from "../live/kept-messages.ts";
import { follow } from "../live/live.ts";
import { coins, startMarket } from "../live/market-store.ts";
import { titleOf } from "../market.ts";
import { Link } from "../navigation.tsx";

const RETRY_MS = 3_000;

/** What a coin's topic keeps, and then whatever comes. */
function useCoinPage(mint: string): { readonly page: CoinPage; readonly error: string | null } {
  const [page, setPage] = useState(emptyPage);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    const ended = new AbortController();
    const topic = `token:${mint}`;
    let leave = (): void => undefined;
    const begin = async (): Promise<void> => {
      const { messages, position } = await readKept(topic, ended.signal);
      if (ended.signal.aborted) return;
      setPage(messages.reduce(addToPage, emptyPage));
      setError(null);
      leave = follow(topic, (message) => setPage((before) => addToPage(before, message)), {
        since: position,
        onRefused: setError,
      });
    };
    void persist(begin, (failure) => setError(wordsOf(failure)), RETRY_MS, ended.signal);
    return () => {
      ended.abort();
      leave();
    };
  }, [mint]);
  return { page, error };
}

const COLUMNS: readonly Column<Trade>[] = [
  { name: "Time", cell: ({ ts }) => <Time ms={ts} /> },
  {
    name: "Kind",
    cell: ({ kind }) => (
      <span class={kind === "buy" ? "up" : kind === "sell" ? "down" : ""}>{kind.replaceAll("_", " ")}</span>
    ),
  },
  { name: "SOL", right: true, cell: ({ sol_amount }) => <Num value={sol_amount} /> },
  { name: "Tokens", right: true, cell: ({ token_amount }) => <Num value={token_amount} /> },
  { name: "Status", cell: ({ status }) => <Badge state={status} /> },
  { name: "User", cell: ({ user_id }) => <Address value={user_id} /> },
  { name: "Transaction", cell: ({ transaction_id }) => <Address value={transaction_id} /> },
];

function Trades({ trades }: { readonly trades: readonly Trade[] }): JSX.Element {
  if (trades.length === 0) return <Empty>No transaction of this coin is kept. New ones appear here.</Empty>;
  return (
    <DataTable
      label="Transactions"
      columns={COLUMNS}
      rows={trades}
      keyOf={({ transaction_id }) => transaction_id}
      narrow="lines"
    />
  );
}

/** One coin: its numbers, its price over time, its transactions as they happen. */
export function CoinView({ mint }: { readonly mint: string }): JSX.Element {
  useEffect(startMarket, []);
  const coin = coins.value.get(mint);
  const { page, error } = useCoinPage(mint);
  const market = coin?.market;
  const data = useMemo(
    () => [page.prices.map(([at]) => at), page.prices.map(([, price]) => price)] as const,
    [page.prices],
  );
  return (
    <>
      <p class="crumb">
        <Link href="/market">Market</Link>
      </p>
      <h1>
        {coin === undefined || titleOf(coin) === mint ? `Coin ${shorten(mint)}` : titleOf(coin)}
        {coin?.name !== undefined && coin.name !== null && coin.name !== titleOf(coin) && (
          <span class="faint"> {coin.name}</span>
        )}
      </h1>
      <p>
        Mint <Address value={mint} />
      </p>
      {error !== null && <Failure>{error}</Failure>}
      <dl class="tiles wide">
        <Tile label="Price, SOL">
          <Num value={market?.price} />
        </Tile>
        <Tile label="24 h">
          <Change value={market?.change_24h} />
        </Tile>
        <Tile label="High 24 h, SOL">
          <Num value={market?.high_24h} />
        </Tile>
        <Tile label="Low 24 h, SOL">
          <Num value={market?.low_24h} />
        </Tile>
        <Tile label="Volume 24 h, SOL">
          <Num value={market?.volume_24h} />
        </Tile>
        <Tile label="Trades 24 h">
          <Num value={market?.trades_24h} />
        </Tile>
        <Tile label="Market cap, SOL">
          <Num value={market?.market_cap} />
        </Tile>
      </dl>
      <Panel title="Price, SOL">
        {page.prices.length === 0 ? (
          <Empty>No price of this coin is kept. The chart begins with its next trade.</Empty>
        ) : (
          <Chart
            label="Price in SOL"
            lines={[{ label: "Price", color: "--series-1", swatch: "one-1" }]}
            data={data}
          />
        )}
      </Panel>
      <Panel title="Transactions">
        <Trades trades={page.trades} />
      </Panel>
    </>
  );
}
