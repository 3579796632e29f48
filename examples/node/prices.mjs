import { createClient } from "@commcoin/client";
import { WebSocket } from "ws"; // a browser has its own
const client = createClient({ url: "ws://localhost:8080/ws", WebSocket });
client.subscribe("market_data", ({ data }) => console.log(data.token_id, data.price));
client.connect();
