import { FencedError } from "../broker.ts";
import { checkFence } from "../encode-message.ts";
import type { StateStore } from "../state-store.ts";

/** What is kept ends with the process, as everything in the memory broker does. */
export function createMemoryStates(): StateStore {
  const collections = new Map<string, { readonly values: Map<string, string>; fence: number }>();
  return {
    async read(name, keys) {
      const values = collections.get(name)?.values ?? new Map<string, string>();
      if (keys === undefined) return new Map(values);
      const asked = new Set(keys);
      return new Map([...values].filter(([key]) => asked.has(key)));
    },
    async write(name, changes, { fence }) {
      checkFence(fence);
      const collection = collections.get(name) ?? { values: new Map<string, string>(), fence };
      if (fence < collection.fence) throw new FencedError(name);
      collection.fence = fence;
      collections.set(name, collection);
      for (const [key, value] of changes) {
        if (value === null) collection.values.delete(key);
        else collection.values.set(key, value);
      }
    },
  };
}
