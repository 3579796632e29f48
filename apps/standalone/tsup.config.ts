import { appBuild } from "@commcoin/tsconfig/tsup";

export default appBuild(["src/main.ts", "src/config.ts"]);
