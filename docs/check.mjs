// Says where the hand-written documents name something that the repository does not have.
import { readdir, readFile } from "node:fs/promises";
import { existsSync } from "node:fs";

const ROOT = new URL("../", import.meta.url);
const read = (file) => readFile(new URL(file, ROOT), "utf8");
const problems = [];
const expect = (condition, problem) => {
  if (!condition) problems.push(problem);
};
const all = (text, pattern) => [...text.matchAll(pattern)];

/** Every rule of the protocol names tests: a file, and titles of tests in it. */
async function checkRules(protocol) {
  const rules = all(protocol, /^\*\*P(\d+)\.\*\* [\s\S]*?(?=^\*\*P|^#|(?![\s\S]))/gm);
  expect(rules.length > 0, "docs/conformance.md has no rules");
  for (const [index, [rule, number]] of rules.entries()) {
    expect(
      Number(number) === index + 1,
      `docs/conformance.md: P${number} stands where P${index + 1} belongs`,
    );
    const tests = all(rule, /^- `([\w./-]+)`: (.+)$/gm);
    expect(tests.length > 0, `docs/conformance.md: P${number} names no test`);
    for (const [, file, titles] of tests) {
      const source = await read(file).catch(() => null);
      expect(source !== null, `docs/conformance.md: P${number} names ${file}, which is not there`);
      const named = all(titles, /"([^"]+)"/g);
      expect(named.length > 0, `docs/conformance.md: P${number} names no test in ${file}`);
      for (const [, title] of named) {
        const found =
          source === null || source.includes(`(${JSON.stringify(title)},`) || onItsOwnLine(source, title);
        expect(
          found,
          `docs/conformance.md: P${number} names the test "${title}", which ${file} does not have`,
        );
      }
    }
  }
}

/** The formatter puts a long title on a line of its own. */
const onItsOwnLine = (source, title) =>
  source.split("\n").some((line) => line.trim() === `${JSON.stringify(title)},`);

/** `commcoin_…` names a metric, or a series of one. */
async function checkMetrics(file, text) {
  const known = new Set(all(await read("docs/metrics.md"), /`(\w+)` \|/g).map(([, name]) => name));
  for (const [name] of all(text, /\b(?:commcoin|nodejs|process)_\w+/g)) {
    const metric = name.replace(/_(?:bucket|sum|count)$/, "");
    expect(known.has(name) || known.has(metric), `${file}: there is no metric ${name}`);
  }
}

/** The table of faults leaves the prefix of metrics out; what else it has in code is a label, or the value of one. */
async function checkFaults(file, text, source) {
  const section = /^### Faults of a node[\s\S]*?(?=^## )/m.exec(text)?.[0] ?? "";
  expect(section !== "", `${file} has no table of the faults of a node`);
  const metrics = all(await read("docs/metrics.md"), /^\| `commcoin_listener_(\w+)` \| \w+ \| ([^|]*) \|/gm);
  const known = new Map(metrics.map(([, name, labels]) => [name, labels]));
  for (const [, name, label, value] of all(section, /`([a-z]+(?:_[a-z]+)+)(?:\{(\w+)="(\w+)"\})?`/g)) {
    const isValue = label === undefined && source.includes(`"${name}"`);
    expect(known.has(name) || isValue, `${file}: there is no metric commcoin_listener_${name}`);
    if (label === undefined) continue;
    expect(known.get(name)?.includes(`\`${label}\``), `${file}: ${name} has no label ${label}`);
    expect(source.includes(`"${value}"`), `${file}: no service knows the ${label} ${value}`);
  }
}

/** Variables are known by the underscore in their upper-case names. */
async function checkVariables(file, text) {
  // `start` has some of its own, for what it starts beside the services.
  const known = `${await read("docs/configuration.md")}${(await read("scripts/start.mjs")).replaceAll('"', "`")}`;
  for (const [, name] of all(text, /`([A-Z]+(?:_[A-Z]+)+)(?:=[^`]*)?`/g)) {
    expect(known.includes(`\`${name}\``), `${file}: there is no variable ${name}`);
  }
}

/** “…” quotes a log message or an answer of a service. */
async function checkQuotes(file, text, source) {
  for (const [, quote] of all(text, /“([^”]+)”/g)) {
    const parts = quote
      .replaceAll(/\s+/g, " ")
      .split("…")
      .map((part) => part.trim());
    expect(
      parts.every((part) => source.includes(part)),
      `${file}: no service says “${quote}”`,
    );
  }
}

function checkLinks(file, text) {
  for (const [, target] of all(text, /\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)) {
    expect(existsSync(new URL(target, new URL(file, ROOT))), `${file}: the link to ${target} leads nowhere`);
  }
}

async function sourceOf(folder) {
  const files = await readdir(new URL(folder, ROOT), { recursive: true });
  const sources = files.filter(
    (file) => /\/src\/.*\.ts$/.test(file) && !/node_modules|\.test\.ts$/.test(file),
  );
  return Promise.all(sources.map((file) => read(`${folder}/${file}`)));
}

const source = [...(await sourceOf("apps")), ...(await sourceOf("packages"))].join("\n");
const pages = (await readdir(new URL("docs/", ROOT))).filter((file) => file.endsWith(".md"));
for (const file of ["README.md", ...pages.map((page) => `docs/${page}`)]) {
  const text = await read(file);
  checkLinks(file, text);
  await checkMetrics(file, text);
  await checkVariables(file, text);
  await checkQuotes(file, text, source);
}
await checkFaults("docs/troubleshooting.md", await read("docs/troubleshooting.md"), source);
await checkRules(await read("docs/conformance.md"));

if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
