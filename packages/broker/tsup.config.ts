import { packageBuild } from "@commcoin/tsconfig/tsup";

export default packageBuild(["src/conformance/index.ts", "src/index.ts", "src/testing/index.ts"]);
