import { serviceBuild } from "@commcoin/tsconfig/tsup";

export default serviceBuild(["src/main.ts", "src/config.ts"]);
