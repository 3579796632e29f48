import config from "@commcoin/tsconfig/vitest";

export default { ...config, test: { ...config.test, include: ["src/**/*.test.ts", "ui/src/**/*.test.ts"] } };
