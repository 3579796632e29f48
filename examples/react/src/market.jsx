import { useConnectionState, useToken, useTopic } from "@commcoin/client/react";
import { useState } from "react";

/** The coins that were traded last; a click on one shows more of it. */
export function Market() {
  const state = useConnectionState();
  const { messages, error } = useTopic("market_data", { limit: 100 });
  const [chosen, choose] = useState(null);
  const coins = new Map(messages.map(({ data }) => [data.token_id, data]));
  return (
    <main>
      <p role="status">{error?.message ?? state}</p>
      {chosen && <Coin mint={chosen} />}
      <ul>
        {[...coins.values()].map(({ token_id, price }) => (
          <li key={token_id}>
            <button onClick={() => choose(token_id)}>{token_id}</button> <output>{price}</output> SOL
          </li>
        ))}
      </ul>
    </main>
  );
}

function Coin({ mint }) {
  const { price, transaction } = useToken(mint);
  return (
    <h1>
      {price ?? "…"} SOL <small>{transaction?.kind}</small>
    </h1>
  );
}
