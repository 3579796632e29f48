// node follow.mjs ws://localhost:8080/ws market_data token_updates
import { createClient } from "@commcoin/client";
import { WebSocket } from "ws";

const [url = "ws://localhost:8080/ws", ...topics] = process.argv.slice(2);
// Node 22 has a WebSocket of its own.
const client = createClient({ url, WebSocket });

client.on("state", ({ state, reason }) => console.error(state, reason ?? ""));
client.on("lost", ({ topic, from, to }) => console.error("lost:", topic, from, to));
client.on("error", ({ code, message }) => console.error("error:", code, message));
for (const topic of topics.length > 0 ? topics : ["market_data"]) {
  client.subscribe(topic, (message) => console.log(JSON.stringify(message)));
}
client.connect();

process.once("SIGINT", () => client.close());
