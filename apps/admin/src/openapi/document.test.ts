import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { createTestApp } from "../testing/app.ts";
import { OPENAPI_FILE, openApiText } from "./document.ts";

interface Operation {
  readonly operationId?: string;
  readonly security?: readonly Record<string, readonly string[]>[];
  readonly responses: Record<string, unknown>;
  readonly requestBody?: unknown;
}
interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas?: object; readonly securitySchemes: object };
}

const text = await openApiText();
const document = JSON.parse(text) as Document;
const operations = Object.values(document.paths).flatMap((path) => Object.values(path));

/** Every `$ref` anywhere in the document. */
function references(node: unknown): readonly string[] {
  if (node === null || typeof node !== "object") return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === "$ref" && typeof value === "string" ? [value] : references(value),
  );
}

describe("the OpenAPI document", () => {
  it("is what the repository holds; if not: pnpm --filter @commcoin/admin generate", async () => {
    expect(await readFile(OPENAPI_FILE, "utf8")).toBe(text);
  });

  it("covers every route but the documentation itself", async () => {
    const { app } = await createTestApp();
    const parents: string[] = [];
    const routes = app
      .printRoutes({ commonPrefix: false })
      .split("\n")
      .flatMap((line) => {
        const [, indent, part, methods] = /^((?:[│ ] {3})*)[├└]── (\S+)(?: \(([A-Z, ]+)\))?/.exec(line) ?? [];
        if (indent === undefined || part === undefined) return [];
        const depth = indent.length / 4;
        parents.length = depth;
        parents[depth] = part;
        const url = `/${parents.join("")}`.replaceAll("//", "/").replaceAll(/:(\w+)/g, "{$1}");
        if (url === "/" || url.startsWith("/docs") || methods === undefined) return [];
        return methods.split(", ").flatMap((method) => (method === "HEAD" ? [] : [`${method} ${url}`]));
      });
    await app.close();
    const documented = Object.entries(document.paths).flatMap(([url, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${url}`),
    );
    expect(documented).toContain("POST /api/ws/broadcast");
    expect(documented.sort()).toEqual(routes.sort());
  });

  it("refers to nothing that is not there", () => {
    for (const reference of references(document)) {
      const found = reference
        .replace(/^#\//, "")
        .split("/")
        .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document);
      expect([reference, found]).not.toContain(undefined);
    }
  });

  it("names each operation once, and says who may use it", () => {
    const ids = operations.map(({ operationId }) => operationId);
    expect(ids).not.toContain(undefined);
    expect(new Set(ids).size).toBe(ids.length);
    expect(document.paths["/api/ws/broadcast"]?.post?.security).toEqual([{ adminToken: [] }]);
    expect(document.paths["/api/servers"]?.get?.security).toEqual([{}, { adminToken: [] }]);
    expect(document.components.securitySchemes).toHaveProperty("adminToken");
  });

  it("describes what every operation answers", () => {
    for (const { responses } of operations) {
      expect(responses).toHaveProperty("200");
      for (const response of Object.values(responses)) {
        expect(response).toMatchObject({
          description: expect.not.stringMatching(/^(Default Response)?$/),
          content: expect.anything(),
        });
      }
    }
  });
});
