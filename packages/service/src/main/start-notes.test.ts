import { describe, expect, it } from "vitest";
import { z } from "zod";
import { optional } from "../config/index.ts";
import { createLogger, parseRustLog } from "../telemetry/index.ts";
import { sayStartNotes } from "./start-notes.ts";

function notesOf(env: Record<string, string>): readonly string[] {
  const notes: string[] = [];
  const destination = { write: (line: string) => void notes.push((JSON.parse(line) as { msg: string }).msg) };
  const moduleLevels = parseRustLog(env["RUST_LOG"] ?? "");
  if (typeof moduleLevels === "string") throw new Error(moduleLevels);
  sayStartNotes({
    schema: z.object({ AUTH_JWT_SECRET: optional(z.string(), { description: "Secret", secret: true }) }),
    env,
    moduleLevels,
    logger: createLogger({ name: "test", level: "info", destination }),
  });
  return notes;
}

describe("at the start", () => {
  it.each([
    ["websockt=debug", "the nearest that there is: websocket"],
    ["message-broker=debug", "the nearest that there is: message_broker"],
    ["gateway=debug", "there are admin, auth,"],
    ["sesion=debug", "there are admin, auth,"],
  ])("RUST_LOG=%s is answered with a module that may be meant, or with all", (RUST_LOG, sentence) => {
    expect(notesOf({ RUST_LOG })).toEqual([expect.stringContaining(sentence)]);
  });

  it("quotation marks that became a part of a secret are told, without the secret", () => {
    const notes = notesOf({ AUTH_JWT_SECRET: '"sesame"' });
    expect(notes).toEqual([expect.stringMatching(/^AUTH_JWT_SECRET: the quotation marks/)]);
    expect(notes.join()).not.toContain("sesame");
  });
});
