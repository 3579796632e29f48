import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface RecordedAccount {
  readonly file: string;
  readonly owner: string;
  readonly data: Uint8Array;
}

/** Every account of encoding base64 in the recorded RPC answers in `folder`. */
export function readRecordedAccounts(folder: string): readonly RecordedAccount[] {
  const accounts: RecordedAccount[] = [];
  const visit = (file: string, value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const { owner, data } = value as { owner?: unknown; data?: unknown };
    if (typeof owner === "string" && Array.isArray(data) && data[1] === "base64") {
      accounts.push({ file, owner, data: Buffer.from(String(data[0]), "base64") });
    }
    for (const child of Object.values(value)) visit(file, child);
  };
  for (const file of readdirSync(join(folder, "accounts")).sort()) {
    visit(file, JSON.parse(readFileSync(join(folder, "accounts", file), "utf8")));
  }
  return accounts;
}
