import { createClient } from "@commcoin/client";
import { ClientProvider } from "@commcoin/client/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Market } from "./market.jsx";

const client = createClient({ url: import.meta.env.VITE_GATEWAY_URL ?? "ws://localhost:8080/ws" });
client.connect();

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <ClientProvider client={client}>
      <Market />
    </ClientProvider>
  </StrictMode>,
);
