import { createElement, type ReactElement } from "react";
import { renderToString } from "react-dom/server";
import { expect, it, vi } from "vitest";
import { createClient } from "../client.ts";
import { ClientProvider, useConnectionState, useToken, useTopic } from "../react.ts";

function Page(): ReactElement {
  const state = useConnectionState();
  const { messages, latest } = useTopic("market_data");
  const { price } = useToken("So11111111111111111111111111111111111111112");
  return createElement("p", null, JSON.stringify({ state, messages, latest, price }));
}

it("a server renders what there is before anything came, with a client and without, and opens nothing", () => {
  const WebSocket = vi.fn<() => never>();
  const client = createClient({ url: "ws://gateway/ws", WebSocket });
  for (const given of [client, null]) {
    const html = renderToString(createElement(ClientProvider, { client: given }, createElement(Page)));
    expect(html.replaceAll("&quot;", '"')).toBe(
      '<p>{"state":"idle","messages":[],"latest":null,"price":null}</p>',
    );
  }
  expect(client.positions()).toEqual(new Map());
  expect(WebSocket).not.toHaveBeenCalled();
});

it("hooks say what is missing above them", () => {
  expect(() => renderToString(createElement(Page))).toThrow(/no ClientProvider/);
});
