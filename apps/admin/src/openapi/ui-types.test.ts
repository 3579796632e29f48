import { readFile } from "node:fs/promises";
import openapiTS, { astToString, COMMENT_HEADER } from "openapi-typescript";
import { expect, it } from "vitest";
import { openApiText } from "./document.ts";

const TYPES_FILE = new URL("../../ui/src/api/openapi.d.ts", import.meta.url);

it("the dashboard's types are those of the API; if not: pnpm --filter @commcoin/admin generate", async () => {
  const types = await openapiTS(await openApiText());
  expect(`${COMMENT_HEADER}${astToString(types)}`).toBe(await readFile(TYPES_FILE, "utf8"));
});
