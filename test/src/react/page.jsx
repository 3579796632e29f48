// A page as an application would write it; a test bundles it and looks at it in a browser.
import { createClient } from "@commcoin/client";
import { ClientProvider, useConnectionState, useToken, useTopic } from "@commcoin/client/react";
import { keepPositions } from "@commcoin/client/storage";
import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";

const { gateway, mint } = Object.fromEntries(new URLSearchParams(globalThis.location.search));
const client = createClient({ url: gateway, userId: "alice", positions: keepPositions() });
const received = [];
client.on("message", ({ message }) => {
  if (message.topic === "user:alice" && message.type === "Notification") received.push(message.data.title);
});
globalThis.page = { client, received };
client.connect();

function Market() {
  const { messages } = useTopic("market_data");
  return (
    <ol id="market">
      {messages.map(({ id, data }) => (
        <li key={id}>{data.price}</li>
      ))}
    </ol>
  );
}

function Token() {
  const { price, error } = useToken(mint);
  return <p id="token">{error?.code ?? price ?? "none"}</p>;
}

function Page() {
  const state = useConnectionState();
  const [route, setRoute] = useState("market");
  return (
    <>
      <p id="state">{state}</p>
      <button id="go" onClick={() => setRoute(route === "market" ? "token" : "market")}>
        {route}
      </button>
      {route === "market" ? (
        <>
          <Market />
          <Market />
        </>
      ) : (
        <Token />
      )}
    </>
  );
}

createRoot(globalThis.document.querySelector("#root")).render(
  <StrictMode>
    <ClientProvider client={client}>
      <Page />
    </ClientProvider>
  </StrictMode>,
);
