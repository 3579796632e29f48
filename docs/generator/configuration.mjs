import { describeVariables } from "@commcoin/service/config";
import { adminVariables } from "@commcoin/admin";
import { gatewayVariables } from "@commcoin/gateway";
import { listenerVariables } from "@commcoin/listener";
import { cell } from "./markdown.mjs";

const SERVICES = { listener: listenerVariables, gateway: gatewayVariables, admin: adminVariables };

function variables() {
  const all = new Map();
  for (const [service, schema] of Object.entries(SERVICES)) {
    for (const variable of describeVariables(schema)) {
      const known = all.get(variable.name);
      if (known === undefined) all.set(variable.name, { ...variable, services: [service] });
      else known.services.push(service);
    }
  }
  return [...all.values()];
}

const usedBy = ({ services }) =>
  services.length === Object.keys(SERVICES).length ? "all" : services.join(", ");

export const configuration = () => `# Configuration

Every service reads environment variables and nothing else. A value that cannot be used stops the process before it
listens, with every problem listed at once. A variable that is set to nothing counts as absent. White space around a
value is left out, except in \`AUTH_JWT_SECRET\`; quotation marks are not, which is warned of. The standalone service
reads all of them. This page is generated from the code: \`pnpm generate\`.

| variable | default | used by | meaning |
|---|---|---|---|
${variables()
  .map((variable) => {
    const fallback = variable.default === null || variable.default === "" ? "–" : `\`${variable.default}\``;
    return `| \`${variable.name}\` | ${cell(fallback)} | ${usedBy(variable)} | ${cell(variable.description)} |`;
  })
  .join("\n")}
`;

export const environmentExample =
  () => `# Copy to .env and change what you need; \`pnpm start\` and compose read it. Everything has a default that works.
# Generated from the code: \`pnpm generate\`. docs/configuration.md is the same as a table.
${variables()
  .map(({ name, default: fallback, description, services }) => {
    const written = fallback ?? "";
    return `\n# ${description} (${usedBy({ services })})\n# ${name}=${written}`;
  })
  .join("\n")}
`;

/** What a service knows of the variables of the others. */
export const variableNames = () => `// Generated from the variables of all services: \`pnpm generate\`.

/** Every variable that any of the services reads: one environment may be made for all of them. */
export const VARIABLE_NAMES: readonly string[] = [
${variables()
  .map(({ name }) => `  "${name}",`)
  .join("\n")}
];
`;
