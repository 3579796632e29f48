import { describe, expect, it } from "vitest";
import { pubSubUrls } from "./pubsub-urls.ts";

describe("pubSubUrls", () => {
  it.each([
    ["localhost:8899", "ws://localhost:8900"],
    ["localhost", "ws://localhost"],
    ["http://127.0.0.1:8899/", "ws://127.0.0.1:8900/"],
    ["HTTPS://api.example.com", "wss://api.example.com"],
    [
      "https://api.example.com/v2/key?api-key=a,b".replace(",b", ""),
      "wss://api.example.com/v2/key?api-key=a",
    ],
    ["https://user:secret@api.example.com:8899/x", "wss://user:secret@api.example.com:8900/x"],
    ["https://api.example.com:18899/8899", "wss://api.example.com:18899/8899"],
    ["http://node:8080?port=:8899", "ws://node:8080?port=:8899"],
    ["http://[::1]:8899", "ws://[::1]:8900"],
    ["[::1]:8899", "ws://[::1]:8900"],
    [" a:8899 , https://b/key ,", "ws://a:8900,wss://b/key"],
  ])("of %s are %s", (rpc, pubSub) => expect(pubSubUrls(rpc)).toBe(pubSub));
});
