import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPackage, run } from "../../../packages/client/src/testing/built-package.ts";

export { run };

/** The client as it would be published, and a folder outside the workspace to use it in. */
export interface PackedClient {
  readonly tarball: string;
  readonly folder: string;
  remove(): Promise<void>;
}

export async function packClient(): Promise<PackedClient> {
  const [built, folder] = await Promise.all([buildPackage(), mkdtemp(join(tmpdir(), "commcoin-examples-"))]);
  return {
    tarball: await built.pack(),
    folder,
    async remove() {
      await Promise.all([built.remove(), rm(folder, { recursive: true, force: true })]);
    },
  };
}
