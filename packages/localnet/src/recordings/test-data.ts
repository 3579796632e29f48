import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const WORKSPACE_FILE = "pnpm-workspace.yaml";

const repositoryRoot = (): string => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, WORKSPACE_FILE)) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
};

/**
 * Where recorded Solana data for tests lies: the folder given, usually from `COMMCOIN_TEST_DATA`, else
 * `../shared/data` beside the repository. It is not part of the repository, so tests that need it say in their title
 * when they are skipped: `describe.skipIf(data.folder === null)(\`… ${data.reason}\`)`.
 */
export const findTestData = (
  given: string | undefined,
): { readonly folder: string; readonly reason: "" } | { readonly folder: null; readonly reason: string } => {
  const folder = resolve(given ?? join(repositoryRoot(), "..", "shared", "data"));
  return existsSync(folder)
    ? { folder, reason: "" }
    : {
        folder: null,
        reason: `(skipped: no recorded data at ${folder}; set COMMCOIN_TEST_DATA to its folder)`,
      };
};
