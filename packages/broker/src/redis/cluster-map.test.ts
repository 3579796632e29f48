import { describe, expect, it } from "vitest";
import { nameOf, readClusterMap } from "./cluster-map.ts";

const from = { host: "10.0.0.1", port: 7001 };
const MASTERS = `a 10.0.0.1:7001@17001,one.example myself,master - 0 0 1 connected 0-8191 [8192-<-b]
b 10.0.0.2:7002@17002,two.example master - 0 1 2 connected 8192-16382 16383
c 10.0.0.3:7003@17003 slave b 0 1 2 connected
d :0@0 master,noaddr - 0 0 0 disconnected
`;
const ownerOf = (views: Parameters<typeof readClusterMap>[0], slot: number, preferName = false) => {
  const owner = readClusterMap(views, preferName).owners[slot];
  return owner === null || owner === undefined ? null : nameOf(owner);
};

describe("readClusterMap", () => {
  it("finds the master of each slot and where nodes are", () => {
    const map = readClusterMap([{ from, text: MASTERS }], false);
    expect(new Set(map.owners.slice(0, 8_192))).toEqual(new Set([{ host: "10.0.0.1", port: 7001 }]));
    expect(new Set(map.owners.slice(8_192))).toEqual(new Set([{ host: "10.0.0.2", port: 7002 }]));
    expect(map.addresses.map(nameOf)).toEqual(["10.0.0.1:7001", "10.0.0.2:7002", "10.0.0.3:7003"]);
  });

  it("takes names where it is asked to and there are some", () => {
    expect(ownerOf([{ from, text: MASTERS }], 0, true)).toBe("one.example:7001");
    expect(readClusterMap([{ from, text: MASTERS }], true).addresses.map(nameOf)).toContain("10.0.0.3:7003");
  });

  it("takes the address that it used for a node that does not know its own", () => {
    const text = "a :7001@17001 myself,master - 0 0 0 connected 0-16383";
    expect(ownerOf([{ from, text }], 5)).toBe("10.0.0.1:7001");
  });

  it.each([false, true])(
    "believes the later configuration, in whatever order it is told (%s)",
    (reversed) => {
      const promoted = `c 10.0.0.3:7003@17003 myself,master - 0 0 5 connected 8192-16383
b 10.0.0.2:7002@17002 master,fail - 0 1 2 connected`;
      const views = [
        { from, text: MASTERS },
        { from, text: promoted },
      ];
      expect(ownerOf(reversed ? views.toReversed() : views, 9_000)).toBe("10.0.0.3:7003");
    },
  );

  it("leaves open what nobody holds, and survives junk", () => {
    expect(ownerOf([{ from, text: "a 10.0.0.1:1@2 master - 0 0 1 connected 0-5" }], 6)).toBeNull();
    expect(readClusterMap([{ from, text: "junk\n\n?? ?? ??" }], false).addresses).toEqual([]);
  });
});
