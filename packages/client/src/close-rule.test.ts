import * as protocol from "@commcoin/protocol";
import { expect, it } from "vitest";
import { backoff } from "./backoff.ts";
import { INVALID_TOKEN, shouldReconnect, suggestedDelay, TOKEN_EXPIRED } from "./close-rule.ts";

it("agrees with the server about every close code", () => {
  const codes = Array.from({ length: 6_000 }, (_, code) => code);
  expect(codes.filter((code) => shouldReconnect(code))).toEqual(
    codes.filter((code) => protocol.shouldReconnect(code)),
  );
  expect([TOKEN_EXPIRED, INVALID_TOKEN]).toEqual([
    protocol.CLOSE_CODES.token_expired.code,
    protocol.CLOSE_CODES.invalid_token.code,
  ]);
});

it.each([
  ["shutdown; reconnect in 1234 ms", 1234],
  ["shutdown; reconnect in 0 ms", 0],
  ["shutdown; reconnect in 99999 ms", 99_999],
  ["shutdown; reconnect in 100000 ms", null],
  ["shutdown", null],
  ["reconnect in -5 ms", null],
  ["", null],
])("reads the suggested delay from %j", (reason, expected) => {
  expect(suggestedDelay(reason)).toBe(expected);
});

it("waits at random between half a second and a ceiling that doubles up to 20 s, with jitter at the cap too", () => {
  const range = (attempt: number): readonly number[] =>
    [backoff(attempt, 0), backoff(attempt, 0.999_999)].map(Math.round);
  expect(range(0)).toEqual([500, 1_000]);
  expect(range(1)).toEqual([500, 1_500]);
  expect(range(3)).toEqual([500, 4_500]);
  expect(range(6)).toEqual([500, 20_000]);
  expect(range(10_000)).toEqual([500, 20_000]);
  expect(backoff(100, 0.5)).toBe(10_500);
});
