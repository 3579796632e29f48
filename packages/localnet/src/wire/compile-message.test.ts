import { describe, expect, it } from "vitest";
import { compileMessage } from "./compile-message.ts";

const account = (address: string, rights: "" | "s" | "w" | "sw") => ({
  address,
  signer: rights.includes("s"),
  writable: rights.includes("w"),
});

describe("compiling a message", () => {
  it("puts the payer first, signers before others, writable before read-only, each once with all its rights", () => {
    const message = compileMessage(
      "payer",
      [
        {
          programId: "program",
          accounts: [
            account("read", ""),
            account("later-signs", ""),
            account("written", "w"),
            account("signs", "s"),
          ],
          data: Uint8Array.of(1, 2),
        },
        {
          programId: "other",
          accounts: [account("later-signs", "s"), account("read", "w"), account("payer", "")],
          data: Uint8Array.of(),
        },
      ],
      "hash",
    );
    expect(message).toEqual({
      header: { numRequiredSignatures: 3, numReadonlySignedAccounts: 2, numReadonlyUnsignedAccounts: 2 },
      accountKeys: ["payer", "later-signs", "signs", "read", "written", "program", "other"],
      recentBlockhash: "hash",
      instructions: [
        { programIdIndex: 5, accounts: [3, 1, 4, 2], data: "5T" },
        { programIdIndex: 6, accounts: [1, 3, 0], data: "" },
      ],
    });
  });
});
