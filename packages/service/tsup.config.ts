import { packageBuild } from "@commcoin/tsconfig/tsup";

export default packageBuild([
  "src/config/index.ts",
  "src/lifecycle/index.ts",
  "src/main/index.ts",
  "src/telemetry/index.ts",
]);
