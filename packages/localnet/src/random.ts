import { createHash } from "node:crypto";

/** A stream of numbers that a seed determines; not for secrets. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer from `from` to `to`, both included. */
  integer(from: number, to: number): number;
  chance(probability: number): boolean;
  /** One of `items`. @throws RangeError when there is none. */
  pick<T>(items: readonly T[]): T;
  /** One of `items`, each as likely as its weight, which is positive. @throws RangeError when there is none. */
  weighted<T>(items: readonly T[], weight: (item: T) => number): T;
  /** The items in another order. */
  shuffled<T>(items: readonly T[]): T[];
  /** Standard normal distribution. */
  normal(): number;
}

/** sfc32 of Chris Doty-Humphrey's PractRand: small, fast and even enough for a play. */
const sfc32 = (seed: Buffer): (() => number) => {
  let a = seed.readUInt32LE(0);
  let b = seed.readUInt32LE(4);
  let c = seed.readUInt32LE(8);
  let counter = 1;
  return () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  };
};

export const createRandom = (seed: string): Random => {
  const next = sfc32(createHash("sha256").update(seed).digest());
  const pick = <T>(items: readonly T[]): T => {
    const item = items[Math.floor(next() * items.length)];
    if (item === undefined) throw new RangeError("Nothing to pick from");
    return item;
  };
  return {
    next,
    pick,
    integer: (from, to) => from + Math.floor(next() * (to - from + 1)),
    chance: (probability) => next() < probability,
    weighted(items, weight) {
      const weights = items.map((item) => weight(item));
      let left = next() * weights.reduce((total, each) => total + each, 0);
      const index = weights.findIndex((each) => (left -= each) < 0);
      const item = items[index === -1 ? items.length - 1 : index];
      if (item === undefined) throw new RangeError("Nothing to pick from");
      return item;
    },
    shuffled: (items) =>
      items
        .map((item) => ({ item, rank: next() }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ item }) => item),
    // Box–Muller; 1 - next() keeps the logarithm finite.
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
};
