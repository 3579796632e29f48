import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hidingSecrets } from "./secrets.ts";

const KEY = "a1b2c3d4e5f6a7b8";

describe("hidingSecrets", () => {
  it.each([
    [`https://node.test/v2/${KEY}`, `POST /v2/${KEY} failed`, "POST /v2/[secret] failed"],
    [`wss://node.test/?api-key=${KEY}`, `key ${KEY} is not valid`, "key [secret] is not valid"],
    ["https://app:s%40cret@node.test", "app:s@cret s%40cret", "app:[secret] [secret]"],
    [
      "redis://app:s%22cret@redis.test:1",
      String.raw`{"args":["s\"cret"]} s"cret`,
      '{"args":["[secret]"]} [secret]',
    ],
    ["redis+sentinel://:s3cret@one,two/main", "AUTH s3cret at one,two/main", "AUTH [secret] at one,two/main"],
    [
      "https://api.mainnet-beta.solana.com/rpc",
      "GET /rpc at api.mainnet-beta",
      "GET /rpc at api.mainnet-beta",
    ],
  ])("takes the secrets of %s out of what others say", (url, said, shown) => {
    expect(hidingSecrets([8080, undefined, [url]])(said)).toBe(shown);
  });

  it("leaves nothing of any password, as it is or as it is written", () => {
    const unit = fc.constantFrom(...`ÄЖQ0@%#/:?[]&=,\\"'+ `.split(""));
    fc.assert(
      fc.property(fc.string({ unit, minLength: 4, maxLength: 24 }), (password) => {
        const hide = hidingSecrets([`redis://app:${encodeURIComponent(password)}@redis.test`]);
        const line = JSON.stringify({ message: `args beginning with: '${password}'` });
        expect(hide(line)).toBe(JSON.stringify({ message: "args beginning with: '[secret]'" }));
        expect(hide(encodeURIComponent(password))).not.toContain(encodeURIComponent(password));
      }),
    );
  });
});
