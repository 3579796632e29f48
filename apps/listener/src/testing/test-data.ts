import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../../../", import.meta.url));

/** Folder of recorded chain data, which is not part of the repository; null where it is absent. */
export function findTestData(): string | null {
  const folder = process.env["COMMCOIN_TEST_DATA"] ?? join(repository, "../shared/data");
  return existsSync(folder) ? folder : null;
}
