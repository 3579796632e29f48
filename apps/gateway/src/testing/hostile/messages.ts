import type { Random } from "./random.ts";

const TOPICS = [
  "market_data",
  "token_updates",
  "transactions",
  "token:fuzz",
  "user:other",
  "server:server-1",
  "broadcast",
  "account:x",
  "__proto__",
  "constructor",
  "toString",
  "",
  "a".repeat(5_000),
  "UPPER",
  "token:",
  ":x",
  "token:\u0000",
  "😀",
] as const;

const NUMBERS = ["0", "-1", "-0", "1e999", "1.5", "9007199254740993", "1e21", '"5"', "null", "true"] as const;

const IDS = ['"x"', "7", "null", "{}", "[]", "1e400", `"${"i".repeat(70_000)}"`, '"\\ud800"'] as const;

const topic = (random: Random): string => JSON.stringify(random.pick(TOPICS));
const number = (random: Random): string => random.pick(NUMBERS);

/** What a proper client would send, for topics that mostly exist. */
const request = (random: Random): string =>
  random.pick([
    `{"type":"subscribe","id":${random.int(1, 99)},"data":{"topic":${topic(random)},"last":${random.int(0, 100)}}}`,
    `{"type":"subscribe","data":{"topics":[${topic(random)},${topic(random)}]}}`,
    `{"type":"unsubscribe","data":{"topic":${topic(random)}}}`,
    `{"type":"history","id":"h","data":{"topic":${topic(random)},"limit":${random.int(1, 300)}}}`,
    `{"type":"ping","id":1}`,
    `{"type":"auth","data":{"token":"a.b.c"}}`,
  ]);

/** Text that reaches the parser of the gateway, by what is odd about it. */
export const MESSAGES: Readonly<Record<string, (random: Random) => string>> = {
  "a request": request,
  "no JSON": (random) =>
    random.pick(["", "{", "}", "nul", "\0", "'x'", "{]", "NaN", "//", '{"type":"ping"}}']),
  "no object": (random) => random.pick(["null", "[]", "5", '"ping"', "[[[]]]", "true"]),
  "deep arrays": (random) => "[".repeat(random.int(1_000, 30_000)),
  "deep objects": (random) => {
    const depth = random.int(1_000, 10_000);
    return `{"type":"ping","data":${'{"a":'.repeat(depth)}1${"}".repeat(depth)}}`;
  },
  "odd ids": (random) => `{"type":"ping","id":${random.pick(IDS)}}`,
  "odd types": (random) =>
    `{"type":${random.pick(['"__proto__"', '"constructor"', '"toString"', "5", "null", `"${"t".repeat(60_000)}"`, "[]"])}}`,
  "keys of prototypes": (random) =>
    `{"__proto__":{"type":"ping","polluted":true},"constructor":{"prototype":{"polluted":true}},"type":"subscribe","data":{"__proto__":{"topic":"market_data"},"topic":${topic(random)}}}`,
  "keys twice": () =>
    '{"type":"ping","type":"subscribe","data":{"topic":"market_data","topic":"transactions"}}',
  "odd numbers": (random) =>
    `{"type":"subscribe","data":{"topic":"market_data","last":${number(random)},"since":{"epoch":"e","offset":${number(random)}}}}`,
  "odd history": (random) =>
    `{"type":"history","data":{"topic":"market_data","limit":${number(random)},"since":{"epoch":${random.pick(['""', '"e"', "5", `"${"e".repeat(9_000)}"`])},"offset":${number(random)}}}}`,
  "many topics": (random) =>
    `{"type":"subscribe","data":{"topics":[${Array.from({ length: random.int(50, 3_000) }, () =>
      topic(random),
    )
      .join()
      .slice(0, 60_000)}"]}}`,
  "topics that are none": (random) =>
    `{"type":"subscribe","data":{"topic":${random.pick(["null", "{}", "[]", "5", '["market_data"]'])},"topics":${random.pick(["{}", "null", "[[]]", "[5]"])}}}`,
};
