import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gatewayVariables } from "@commcoin/gateway";
import { describeVariables } from "@commcoin/service/config";
import { afterAll, describe, expect, it } from "vitest";

const REPOSITORY = fileURLToPath(new URL("../../../", import.meta.url));
const UNITS = join(REPOSITORY, "infra/systemd");
/** Of 10, as `systemd-analyze security` counts; what is left is network, and Node's compiler. */
const EXPOSURE_MAX = 1.5;
/** Seconds that stopping takes at most, beside those of the drain. */
const STOP_SECONDS: Readonly<Record<string, number>> = { gateway: 11, standalone: 27, listener: 9, admin: 9 };
const DRAINS = ["gateway", "standalone"];

const names = readdirSync(UNITS).filter((file) => file.endsWith(".service"));
const services = names.map((name) => name.slice("commcoin-".length, -".service".length));
const read = (file: string): string => readFileSync(join(UNITS, file), "utf8");
const setting = (text: string, key: string): string => new RegExp(`^${key}=(.*)$`, "m").exec(text)?.[1] ?? "";
const hasAnalyzer = spawnSync("systemd-analyze", ["--version"]).status === 0;

/** A root with the units and the programs that they start. */
const root = mkdtempSync(join(tmpdir(), "commcoin-units-"));
const installed = join(root, "etc/systemd/system");
mkdirSync(installed, { recursive: true });
for (const entry of readdirSync(UNITS).filter((name) => name.startsWith("commcoin-"))) {
  cpSync(join(UNITS, entry), join(installed, entry), { recursive: true });
}
afterAll(() => rmSync(root, { recursive: true }));

describe("systemd units", () => {
  it("are there for every service of the archive, and start it", () => {
    const started = readdirSync(join(REPOSITORY, "infra/release")).filter((file) =>
      /^(?!commcoin).*\.js$/.test(file),
    );
    expect(services.map((service) => `${service}.js`).toSorted()).toEqual(started.toSorted());
    for (const service of services) {
      expect(setting(read(`commcoin-${service}.service`), "ExecStart")).toBe(
        `/usr/bin/node /opt/commcoin/current/${service}.js`,
      );
    }
  });

  it.each(services)("give %s the time that it takes to stop", (service) => {
    const drain = describeVariables(gatewayVariables).find(
      ({ name }) => name === "SHUTDOWN_DRAIN_SECONDS",
    )?.default;
    const seconds = (STOP_SECONDS[service] ?? Infinity) + (DRAINS.includes(service) ? Number(drain) : 0);
    expect(Number(setting(read(`commcoin-${service}.service`), "TimeoutStopSec"))).toBeGreaterThan(seconds);
  });

  it.runIf(hasAnalyzer).each(names)("%s lets the service do little: its exposure is low", (name) => {
    const { stdout } = spawnSync("systemd-analyze", ["security", "--offline=yes", `--root=${root}`, name], {
      encoding: "utf8",
    });
    const [, exposure] = /Overall exposure level for \S+: ([\d.]+)/.exec(stdout) ?? [];
    expect(Number(exposure)).toBeLessThanOrEqual(EXPOSURE_MAX);
  });

  it.runIf(hasAnalyzer)("hold nothing that systemd does not know", () => {
    const write = (change: (unit: string) => string): void => {
      for (const name of names)
        writeFileSync(join(installed, name), change(read(name).replace("/usr/bin/node", process.execPath)));
    };
    const verify = () =>
      spawnSync("systemd-analyze", ["verify", "--man=no", ...names], {
        encoding: "utf8",
        env: { PATH: process.env["PATH"], SYSTEMD_UNIT_PATH: `${installed}:` },
      });
    write((unit) => unit);
    expect(verify()).toMatchObject({ status: 0, stderr: "" });
    write((unit) => unit.replace("TimeoutStopSec", "TimeoutStopSeconds"));
    const { stderr } = verify();
    for (const name of names) expect(stderr).toMatch(new RegExp(`${name}:.*TimeoutStopSeconds`));
  });
});

describe("kernel settings", () => {
  const settings = [...read("commcoin.conf").matchAll(/^(-?)([\w.]+) = (.+)$/gm)].map(
    ([, optional, key = "", value = ""]) => ({ isOptional: optional === "-", key, value }),
  );

  it("are ones that Linux has", () => {
    expect(settings.length).toBeGreaterThan(4);
    if (process.platform !== "linux") return;
    for (const { key, isOptional } of settings) {
      expect([key, isOptional || existsSync(`/proc/sys/${key.replaceAll(".", "/")}`)]).toEqual([key, true]);
    }
  });

  it("are explained, with a check, in the document", () => {
    const document = readFileSync(join(REPOSITORY, "docs/deployment.md"), "utf8");
    for (const { key } of settings)
      expect(document).toMatch(new RegExp(`^\\| \`${key}\` +\\|[^|]+\\|[^|]+\\|`, "m"));
  });

  it("allow the descriptors that the units ask for", () => {
    const limit = Number(settings.find(({ key }) => key === "fs.nr_open")?.value);
    for (const service of DRAINS) {
      const wanted = Number(setting(read(`commcoin-${service}.service`), "LimitNOFILE"));
      expect(wanted).toBeGreaterThan(100_000);
      expect(wanted).toBeLessThanOrEqual(limit);
    }
  });
});
