// Writes what the package exports to api/, for review.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildPackage, ENTRIES, REPORT_FOLDER } from "./built-package.ts";

const built = await buildPackage();
for (const entry of ENTRIES)
  await writeFile(join(REPORT_FOLDER, `${entry}.api.md`), await built.report(entry));
await built.remove();
