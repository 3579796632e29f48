export { default } from "@commcoin/tsconfig/vitest";
