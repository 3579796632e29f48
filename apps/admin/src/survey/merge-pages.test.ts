import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergePages, type MergedPage, type Page } from "./merge-pages.ts";

const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

describe("mergePages", () => {
  it("ends where the first server had to stop", () => {
    const pages = [
      { entries: ["a", "c"], more: true },
      { entries: ["b", "d"], more: true },
    ];
    expect(mergePages(pages, String, 10)).toEqual({
      groups: [
        ["a", ["a"]],
        ["b", ["b"]],
        ["c", ["c"]],
      ],
      next: "c",
    });
  });

  it("shows everything once to who follows the pages, whatever servers hold and however short their answers are", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uniqueArray(fc.string({ minLength: 1, maxLength: 2 })), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        (servers, limit, fits) => {
          const ask = (after: string | null): Page<string>[] =>
            servers.map((keys) => {
              const rest = keys.toSorted(byText).filter((key) => after === null || key > after);
              const size = Math.min(limit, fits);
              return { entries: rest.slice(0, size), more: rest.length > size };
            });
          const seen: string[] = [];
          let next: string | null = null;
          do {
            const page: MergedPage<string> = mergePages(ask(next), String, limit);
            expect(page.groups.length).toBeLessThanOrEqual(limit);
            seen.push(...page.groups.flatMap(([, entries]) => entries));
            next = page.next;
          } while (next !== null);
          expect(seen).toEqual(servers.flat().toSorted(byText));
        },
      ),
    );
  });
});
