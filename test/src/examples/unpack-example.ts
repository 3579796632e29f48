import { cp, mkdir, readFile, realpath, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { run, type PackedClient } from "../support/pack-client.ts";

const EXAMPLES = fileURLToPath(new URL("../../../examples", import.meta.url));
const CLIENT = "@commcoin/client";

/**
 * Copies an example out of the workspace, with the packed client, and its other dependencies as they are installed here.
 * @returns its folder; examples keep their places beside each other.
 */
export async function unpackExample(name: string, { tarball, folder }: PackedClient): Promise<string> {
  const source = join(EXAMPLES, name);
  const target = join(folder, "examples", name);
  await cp(source, target, { recursive: true, filter: (path) => !path.includes("node_modules") });
  const manifest = await readFile(join(source, "package.json"), "utf8").catch(() => "{}");
  const { dependencies = {}, devDependencies = {} } = JSON.parse(manifest) as {
    readonly dependencies?: Record<string, string>;
    readonly devDependencies?: Record<string, string>;
  };
  for (const dependency of Object.keys({ ...dependencies, ...devDependencies })) {
    const place = join(target, "node_modules", dependency);
    await mkdir(dependency === CLIENT ? place : dirname(place), { recursive: true });
    if (dependency === CLIENT) await run(place, "tar", "-xzf", tarball, "--strip-components=1");
    else await symlink(await realpath(join(source, "node_modules", dependency)), place);
  }
  return target;
}
