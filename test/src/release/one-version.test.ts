import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const ROOT = new URL("../../../", import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, ROOT), "utf8");
const json = (file: string): Record<string, unknown> => JSON.parse(read(file)) as Record<string, unknown>;

const workspace = ["apps", "packages"].flatMap((folder) =>
  readdirSync(new URL(folder, ROOT)).map((name) => `${folder}/${name}`),
);
const { version } = json("package.json");

describe("the release has one version", () => {
  it.each([...workspace, "bench", "docs", "infra/release", "test"])("in %s", (folder) => {
    expect(json(`${folder}/package.json`)["version"]).toBe(version);
  });

  it.each(["docs/openapi.json", "docs/asyncapi.json"])("in %s", (file) => {
    expect(json(file)["info"]).toMatchObject({ version });
  });

  it("in the chart, and in the images that it takes", () => {
    expect(parse(read("infra/helm/commcoin/Chart.yaml"))).toMatchObject({ version, appVersion: version });
    expect(parse(read("infra/helm/examples/production.yaml"))).toMatchObject({ image: { tag: version } });
  });

  it("in the newest section of the changelog", () => {
    expect(/^## (\S+) \(\d{4}-\d{2}-\d{2}\)$/m.exec(read("CHANGELOG.md"))?.[1]).toBe(version);
  });
});
