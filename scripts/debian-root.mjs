// A Debian 13 in a folder, and commands that run in it: for what this machine's own system cannot show.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const SUITE = "trixie";
/** How a command in a root reaches what this machine reaches: name servers, proxies, and certificates at a place of their own. */
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";
const CERTIFICATES_IN_ROOT = "/run/certificates.crt";
const NETWORK = /^(?:\w+_CA_\w+|SSL_CERT_FILE|https?_proxy|no_proxy)$/i;

/**
 * A current build of the native WebSocket server. For proofs only, and therefore in no lock file: what is deployed is
 * the official release, which is not on npm.
 */
export const CURRENT_SERVER = {
  name: "uwebsockets",
  version: "3.0.6",
  sha512: "0Nw22DDOd1YGnJ8/IHYVCDHZXAVqLnjBxktl2bSjcJRVcgasb2Zs8WCRhL41IydraLLq001c6ycHdIS+rEcAxw==",
};

export function fail(problem) {
  process.stderr.write(`${problem}\n`);
  process.exit(1);
}

export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: "inherit", ...options });
  if (error !== undefined) fail(`${command} cannot be started (${error.code}).`);
  if (status !== 0) fail(`${command} ${args.join(" ")} failed.`);
}

export const read = (command, args, options) =>
  spawnSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], ...options }).stdout ??
  "";

/** Ends with a sentence where roots cannot be built. */
export function assertRootsCanBeBuilt() {
  if (process.getuid?.() !== 0 || process.platform !== "linux" || process.arch !== "x64") {
    fail("This needs root on Linux x64: it mounts, and changes its root folder.");
  }
  if (spawnSync("debootstrap", ["--version"]).error !== undefined) {
    fail("Install debootstrap: apt-get install debootstrap.");
  }
}

/** Where this machine has its own Debian from. */
function debianMirror() {
  const targets = read("apt-get", ["indextargets", "--format", "$(ORIGIN) $(COMPONENT) $(SITE)"]);
  const [, , mirror] =
    targets
      .split("\n")
      .map((line) => line.split(" "))
      .find(
        ([origin, component, site]) => origin === "Debian" && component === "main" && !/security/.test(site),
      ) ?? [];
  return mirror ?? fail("apt names no mirror of Debian to build the root from.");
}

/** Builds a Debian 13 with some more packages. The folder of an earlier run is kept as it is. */
export async function buildDebianRoot(folder, packages = []) {
  if (existsSync(join(folder, "built"))) return;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const include = packages.length === 0 ? [] : [`--include=${packages.join(",")}`];
  run("debootstrap", ["--variant=minbase", ...include, SUITE, folder, debianMirror()], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  await writeFile(join(folder, "etc/hosts"), "127.0.0.1 localhost\n::1 localhost\n");
  await writeFile(join(folder, "built"), "");
}

/**
 * What starts a shell command in a root. Its mounts and processes are gone when the name spaces are, which end with it.
 * @param mounts folders of this machine by their place in the root.
 */
export function inRoot(root, command, { env = {}, cwd = "/", user = "0:0", mounts = {} } = {}) {
  const network = Object.entries(process.env)
    .filter(([name]) => NETWORK.test(name))
    .map(([name, value]) => [name, value === CERTIFICATES ? CERTIFICATES_IN_ROOT : value]);
  const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
  const variables = Object.entries({
    PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
    HOME: "/root",
    ...Object.fromEntries(network),
    ...env,
  });
  const files = { "/etc/resolv.conf": "/etc/resolv.conf" };
  if (network.some(([, value]) => value === CERTIFICATES_IN_ROOT)) files[CERTIFICATES_IN_ROOT] = CERTIFICATES;
  const script = [
    "set -e",
    `mount --rbind /dev ${root}/dev`,
    `mount -t proc proc ${root}/proc`,
    `mount -t tmpfs tmpfs ${root}/tmp`,
    ...Object.entries(files).map(
      ([place, file]) => `touch ${root}${place}; mount --bind ${file} ${root}${place}`,
    ),
    ...Object.entries(mounts).map(
      ([place, folder]) => `mkdir -p ${root}${place}; mount --bind ${folder} ${root}${place}`,
    ),
    `exec chroot --userspec=${user} ${root} /usr/bin/env -i ${variables.map(([name, value]) => quoted(`${name}=${value}`)).join(" ")} sh -c ${quoted(`cd ${cwd} && ${command}`)}`,
  ].join("\n");
  return ["unshare", ["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script]];
}
