import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { beginsLikeJson, readText } from "./body.ts";

const PAGE = Buffer.alloc(65_536, "<p>Bad gateway</p>");

/** A body without end, and how much of it was taken. */
function endless(first: Buffer, then: Buffer = PAGE) {
  let bytes = 0;
  const body = new Readable({
    read() {
      const chunk = bytes === 0 ? first : then;
      bytes += chunk.length;
      this.push(chunk);
    },
  });
  return { body, taken: () => bytes };
}

describe("readText", () => {
  it.each([
    ["a page", PAGE],
    ["a page after space", Buffer.from(" \r\n\t<html>")],
    ["text", Buffer.from("upstream connect error")],
    ["one letter", Buffer.from("x")],
    ["bytes that are no text", Buffer.from([0, 1, 2, 255])],
    ["a string of JSON", Buffer.from('"busy')],
    ["another encoding", Buffer.from("{}", "utf16le").swap16()],
  ])("reads no more than the beginning of %s that never ends", async (_, first) => {
    const { body, taken } = endless(first);
    const text = await readText(body, undefined);
    expect(text.startsWith(first.toString().slice(0, 5))).toBe(true);
    expect(text.length).toBeLessThanOrEqual(8_192);
    expect(taken()).toBeLessThan(1_000_000);
    expect(body.destroyed).toBe(true);
  });

  it.each([
    ["an answer", '{"jsonrpc":"2.0"}'],
    ["a list", "[1]"],
    ["an answer after a byte order mark and space", "\uFEFF \n{}"],
    ["nothing", ""],
    ["space", "  "],
    ["a short page", "<p>Bad gateway</p>"],
  ])("reads the whole of %s", async (_, text) => {
    expect(await readText(Readable.from([Buffer.from(text)]), undefined)).toBe(text);
  });

  it("reads what comes in small pieces", async () => {
    const pieces = ' \n{"result":[1]}'.split("").map((letter) => Buffer.from(letter));
    expect(await readText(Readable.from(pieces), undefined)).toBe(' \n{"result":[1]}');
  });

  it("does not look into what is compressed before it is inflated", async () => {
    expect(await readText(Readable.from([gzipSync('{"a":1}')]), "gzip")).toBe('{"a":1}');
  });

  it("ends an answer that never ends at the limit", async () => {
    const { body, taken } = endless(Buffer.from('{"result":"'));
    await expect(readText(body, undefined, 1_000_000)).rejects.toThrow("more than 1000000 bytes");
    expect(taken()).toBeLessThan(1_500_000);
    expect(body.destroyed).toBe(true);
  });
});

describe("beginsLikeJson", () => {
  it.each(["{", "[", " {", "", " ", "\uFEFF", "\uFEFF{"])("%j may", (text) => {
    expect(beginsLikeJson(Buffer.from(text))).toBe(true);
  });
  it.each(["<", "x{", "\u0000", "é", "1", '"'])("%j does not", (text) => {
    expect(beginsLikeJson(Buffer.from(text))).toBe(false);
  });
});
