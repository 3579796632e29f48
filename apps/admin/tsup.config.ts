import { serviceBuild } from "@commcoin/tsconfig/tsup";

export default serviceBuild(["src/index.ts", "src/main.ts", "src/config.ts"]);
