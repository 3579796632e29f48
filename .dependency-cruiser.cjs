const from = (path, pathNot) => (pathNot ? { path, pathNot } : { path });

/** Who may import whom. `docs/architecture.md` draws the same rules. */
module.exports = {
  forbidden: [
    {
      name: "no-circular",
      severity: "error",
      comment: "Two modules that need each other are one module, or hide a third.",
      from: {},
      to: { circular: true },
    },
    {
      name: "dependencies-are-declared",
      severity: "error",
      comment: "What cannot be found is not in this package's package.json.",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "packages-know-no-app",
      severity: "error",
      comment: "The command has a rule of its own.",
      from: from("^packages/", "^packages/cli/"),
      to: { path: "^apps/" },
    },
    {
      name: "apps-know-no-other-app",
      severity: "error",
      comment: "Services meet in the broker and in the protocol only.",
      from: from("^apps/([^/]+)/", "^apps/standalone/"),
      to: { path: "^apps/", pathNot: "^apps/$1/" },
    },
    {
      name: "standalone-uses-public-entries",
      severity: "error",
      comment: "Standalone composes the apps by what they export, never by their insides.",
      from: from("^apps/standalone/"),
      to: {
        path: "^apps/(listener|gateway|admin)/",
        pathNot: "^apps/[^/]+/(src/(index|config)\\.ts|dist/(index|config)\\.js)$",
      },
    },
    {
      name: "parts-are-for-tests-and-benches",
      severity: "error",
      comment: "What the listener is made of is its own: services use its public entry.",
      from: from("", "^(test|bench)/"),
      to: { path: "^apps/listener/(src/parts\\.ts|dist/parts\\.js)$" },
    },
    {
      name: "protocol-is-a-leaf",
      severity: "error",
      from: from("^packages/protocol/"),
      to: { path: "^(apps|packages)/", pathNot: "^packages/(protocol|tsconfig)/" },
    },
    {
      name: "service-is-a-leaf",
      severity: "error",
      from: from("^packages/service/"),
      to: { path: "^(apps|packages)/", pathNot: "^packages/(service|tsconfig)/" },
    },
    {
      name: "broker-knows-protocol-and-service",
      severity: "error",
      from: from("^packages/broker/"),
      to: { path: "^(apps|packages)/", pathNot: "^packages/(broker|protocol|service|tsconfig)/" },
    },
    {
      name: "client-knows-protocol",
      severity: "error",
      from: from("^packages/client/"),
      to: { path: "^(apps|packages)/", pathNot: "^packages/(client|protocol|tsconfig)/" },
    },
    {
      name: "cli-knows-client",
      severity: "error",
      comment:
        "It asks the admin API, as everybody outside does. To judge a deployment, `doctor` reads the variables of the services " +
        "and looks at the broker itself.",
      from: from("^packages/cli/"),
      to: {
        path: "^(apps|packages)/",
        pathNot:
          "^packages/(cli|client|protocol|tsconfig)/|^packages/service/src/config/|^packages/broker/src/inspect\\.ts$|" +
          "^apps/[^/]+/src/config\\.ts$",
      },
    },
    {
      name: "browser-code-uses-no-node",
      severity: "error",
      comment: "Protocol, client and dashboard run in a browser.",
      from: from("^(packages/(protocol|client)/src|apps/admin/ui)/", "\\.test\\.ts$|/testing/"),
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "dashboard-knows-client-and-protocol-types",
      severity: "error",
      comment:
        "It asks gateways and the admin API, as everybody outside does; of the protocol it needs no code.",
      from: from("^apps/admin/ui/", "\\.test\\.ts$"),
      to: {
        path: "^(apps/admin/src|packages)/",
        pathNot: "^packages/client/src/index\\.ts$",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "services-know-no-dashboard",
      severity: "error",
      comment: "They serve its built files.",
      from: from("^(apps/[^/]+/src|packages)/"),
      to: { path: "^apps/admin/ui/" },
    },
    {
      name: "localnet-and-harness-are-for-development",
      severity: "error",
      comment:
        "Nothing that is deployed knows the local node or the harness: only tests, benches and development scripts do.",
      from: from("^(apps|packages)/", "^packages/(localnet|harness)/|\\.test\\.ts$|/testing/"),
      to: { path: "^packages/(localnet|harness)/" },
    },
    {
      name: "uws-only-in-transport",
      severity: "error",
      from: from("", "^apps/gateway/src/transport/|^bench/src/workers/bare-uws\\.ts$"),
      to: { path: "uWebSockets|uws-js" },
    },
    {
      name: "redis-only-in-broker",
      severity: "error",
      from: from("^(apps|packages)/", "^packages/broker/"),
      to: { path: "ioredis" },
    },
    {
      name: "no-tests-in-production",
      severity: "error",
      from: { pathNot: "\\.test\\.ts$|/testing/|/conformance/|^(test|bench)/" },
      to: { path: "\\.test\\.ts$|/testing/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)dist/" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ["@commcoin/source", "import", "require", "node", "default"],
      exportsFields: ["exports"],
    },
  },
};
