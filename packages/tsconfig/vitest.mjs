import { defineConfig } from "vitest/config";

const sourceCondition = "@commcoin/source";

/** Tests run on the sources of every workspace package: nothing has to be built first. */
export default defineConfig({
  ssr: {
    resolve: {
      // No `import`: these are forced on packages that are required as well.
      conditions: [sourceCondition, "node"],
      externalConditions: [sourceCondition, "node"],
    },
  },
  test: {
    include: ["src/**/*.test.ts"],
    passWithNoTests: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // As long as `eventually` waits.
    expect: { poll: { timeout: 20_000 } },
    maxWorkers: 2,
  },
});
