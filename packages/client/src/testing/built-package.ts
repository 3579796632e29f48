import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Extractor, ExtractorConfig } from "@microsoft/api-extractor";

export const PACKAGE = fileURLToPath(new URL("../../", import.meta.url));
const WHAT_IS_PACKED = ["package.json", "README.md", "src"];

/** Where the report of each entry is checked in. */
export const REPORT_FOLDER = join(PACKAGE, "api");
/** Entries whose interface is reported. */
export const ENTRIES = ["index", "storage", "react"] as const;

/** Runs a program to its end. @throws with what it wrote, when it fails. */
export async function run(folder: string, program: string, ...args: readonly string[]): Promise<string> {
  const result = await promisify(execFile)(program, args, { cwd: folder, shell: false }).catch(
    (error: Error & { stdout?: string; stderr?: string }) => {
      throw new Error(`${program} ${args.join(" ")}: ${error.message}\n${error.stdout}\n${error.stderr}`);
    },
  );
  return result.stdout;
}

/** A program of this package's dependencies. */
export const binary = (name: string): string => join(PACKAGE, "node_modules/.bin", name);

export interface BuiltPackage {
  /** Outside the workspace: finds no dependency that it did not install. */
  readonly folder: string;
  /** Makes the tarball that would be published. @returns its path. */
  pack(): Promise<string>;
  /** The interface of an entry, as text. */
  report(entry: string): Promise<string>;
  remove(): Promise<void>;
}

/** Builds the package as for publishing, without touching what is in the workspace. */
export async function buildPackage(): Promise<BuiltPackage> {
  const parent = await mkdtemp(join(tmpdir(), "commcoin-client-"));
  const folder = join(parent, "client");
  for (const name of WHAT_IS_PACKED) await cp(join(PACKAGE, name), join(folder, name), { recursive: true });
  await run(PACKAGE, binary("tsup"), "--out-dir", join(folder, "dist"));
  return {
    folder,
    async pack() {
      const name = await run(folder, "npm", "pack", "--ignore-scripts", "--silent");
      return join(folder, name.trim());
    },
    async report(entry) {
      const reports = join(parent, "reports");
      await mkdir(reports, { recursive: true });
      const config = ExtractorConfig.prepare({
        configObject: {
          projectFolder: folder,
          mainEntryPointFilePath: join(folder, `dist/${entry}.d.ts`),
          compiler: {
            overrideTsconfig: {
              compilerOptions: {
                target: "es2022",
                lib: ["es2022", "dom"],
                module: "nodenext",
                moduleResolution: "nodenext",
                strict: true,
                skipLibCheck: true,
                types: [],
              },
              files: [join(folder, `dist/${entry}.d.ts`)],
            },
          },
          apiReport: {
            enabled: true,
            reportFileName: entry,
            reportFolder: reports,
            reportTempFolder: reports,
          },
          docModel: { enabled: false },
          dtsRollup: { enabled: false },
          tsdocMetadata: { enabled: false },
          messages: {},
        },
        configObjectFullPath: undefined,
        packageJsonFullPath: join(folder, "package.json"),
      });
      Extractor.invoke(config, {
        localBuild: true,
        messageCallback(message) {
          message.handled = true;
        },
      });
      return readFile(join(reports, `${entry}.api.md`), "utf8");
    },
    remove: () => rm(parent, { recursive: true, force: true }),
  };
}
