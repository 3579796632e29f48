import { findTestData } from "@commcoin/localnet";
import type { BenchOptions } from "./report.ts";

/** Folder of recorded chain data; null where it is absent. */
export const testDataFolder = ({ testData }: Pick<BenchOptions, "testData">): string | null =>
  findTestData(testData).folder;
