import { writeFile } from "node:fs/promises";
import { OPENAPI_FILE, openApiText } from "./openapi/document.ts";

await writeFile(OPENAPI_FILE, await openApiText());
