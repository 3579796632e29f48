import { expect, it } from "vitest";
import { gatewayUrl } from "./gateway-url.ts";

it.each([
  ["", "http:", "localhost", "ws://localhost:8080/ws"],
  ["", "https:", "admin.example.com", "wss://admin.example.com:8080/ws"],
  ["", "http:", "[::1]", "ws://[::1]:8080/ws"],
  ["wss://ws.example.com/ws", "http:", "localhost", "wss://ws.example.com/ws"],
])("configured %j, opened at %s//%s: %s", (configured, protocol, hostname, url) => {
  expect(gatewayUrl(configured, "8080", { protocol, hostname })).toBe(url);
});
