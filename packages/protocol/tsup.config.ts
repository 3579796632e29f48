import { packageBuild } from "@commcoin/tsconfig/tsup";

export default packageBuild(["src/index.ts", "src/asyncapi.ts"]);
