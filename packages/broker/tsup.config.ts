import { packageBuild } from "@commcoin/tsconfig/tsup";

export default packageBuild(["src/index.ts", "src/inspect.ts", "src/testing/index.ts"]);
