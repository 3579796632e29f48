import { appBuild } from "@commcoin/tsconfig/tsup";

export default appBuild(["src/index.ts", "src/main.ts", "src/config.ts"]);
