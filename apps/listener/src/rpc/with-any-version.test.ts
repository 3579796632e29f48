import type { RpcTransport } from "@solana/kit";
import { describe, expect, it } from "vitest";
import { withAnyVersion } from "./with-any-version.ts";

const refusal = (version: number) => ({
  error: {
    code: -32_015,
    message: `Transaction version (${version}) is not supported by the requesting client. Please try the request again with the following configuration parameter: "maxSupportedTransactionVersion": ${version}`,
  },
});

/** A node whose block holds these versions, and refuses as nodes do. @returns its transport, and what it was asked for. */
function nodeWith(versions: readonly number[], refuse: (version: number) => object = refusal) {
  const asked: unknown[] = [];
  const transport: RpcTransport = <Response>({ payload }: Parameters<RpcTransport>[0]) => {
    const { params } = payload as { params: readonly unknown[] };
    const { maxSupportedTransactionVersion: max } = params.at(-1) as {
      maxSupportedTransactionVersion: number;
    };
    asked.push(max);
    const tooNew = versions.find((version) => version > max);
    return Promise.resolve((tooNew === undefined ? { result: "all" } : refuse(tooNew)) as Response);
  };
  const payload = {
    method: "getBlock",
    params: [7, { encoding: "json", maxSupportedTransactionVersion: 1 }],
    wanted: { slot: 7 },
  };
  return { asked, ask: () => withAnyVersion(transport)({ payload }) };
}

describe("a node that refuses versions which the client does not name", () => {
  it.each([
    ["none that is new", [0, 1], [1]],
    ["one", [1, 2], [1, 2]],
    ["several, of which it tells the first", [2, 5], [1, 2, 127]],
    ["the highest", [127], [1, 127]],
  ])("is asked again by the one it needs, with %s", async (_, versions, expected) => {
    const { ask, asked } = nodeWith(versions);
    expect(await ask()).toEqual({ result: "all" });
    expect(asked).toEqual(expected);
  });

  it.each([
    ["with words of its own", () => ({ error: { code: -32_015, message: "no" } })],
    ["without words", () => ({ error: { code: -32_015 } })],
    ["asking for less than was named", () => refusal(0)],
    ["asking for more than there is", () => refusal(999)],
  ])("is asked for everything when it refuses %s", async (_, refuse) => {
    const { ask, asked } = nodeWith([2], refuse);
    expect(await ask()).toEqual({ result: "all" });
    expect(asked).toEqual([1, 127]);
  });

  it("is believed when it refuses everything", async () => {
    const { ask, asked } = nodeWith([2, 200]);
    expect(await ask()).toEqual(refusal(200));
    expect(asked).toEqual([1, 2, 127]);
  });

  it("is not asked again about anything else", async () => {
    let times = 0;
    const transport: RpcTransport = <Response>() => {
      times += 1;
      return Promise.resolve(refusal(2) as Response);
    };
    for (const params of [[], [7], [7, { encoding: "json" }], undefined, "text"]) {
      expect(await withAnyVersion(transport)({ payload: { method: "getSlot", params } })).toEqual(refusal(2));
    }
    expect(times).toBe(5);
  });
});
