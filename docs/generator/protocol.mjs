import { readFile, readdir } from "node:fs/promises";
import {
  CLOSE_CODES,
  ERROR_CODES,
  MESSAGE_TOO_LARGE,
  messageData,
  REFUSALS,
  shouldReconnect,
} from "@commcoin/protocol";
import { eventFrameDocs, jsonSchema, serverFrameDocs, upFrameDocs } from "@commcoin/protocol/asyncapi";
import { cell, code, fill, table } from "./markdown.mjs";
import { closeMeanings, errorMeanings, refusalMeanings } from "./protocol-meanings.mjs";

const GATEWAY = new URL("../../apps/gateway/src/", import.meta.url);

async function gatewaySource() {
  const files = (await readdir(GATEWAY, { recursive: true })).filter(
    (file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.startsWith("testing"),
  );
  return (await Promise.all(files.map((file) => readFile(new URL(file, GATEWAY), "utf8")))).join("\n");
}

function meaningOf(meanings, name) {
  if (meanings[name] === undefined)
    throw new Error(`docs/generator/protocol-meanings.mjs does not explain ${name}.`);
  return meanings[name];
}

/** A code that the gateway's source never names is kept for later. */
const RESERVED = "Reserved: this version does not send it.";
const isSent = (source, call, name) => new RegExp(`${call}(?:\\([^"]{0,60}|: )"${name}"`).test(source);

const closeCodes = (source) => {
  const rows = Object.entries(CLOSE_CODES).map(([name, { code: number, reason }]) => {
    const { when, reaction } = meaningOf(closeMeanings, name);
    return { number, reason, when: isSent(source, "close", name) ? when : RESERVED, reaction };
  });
  const tooLarge = meaningOf(closeMeanings, "message_too_large");
  rows.push({ number: MESSAGE_TOO_LARGE, reason: "message too large", ...tooLarge });
  return table(
    ["code", "reason", "when", "come back?", "what to do"],
    rows
      .toSorted((left, right) => left.number - right.number)
      .map(({ number, reason, when, reaction }) => [
        code(String(number)),
        cell(reason),
        cell(when),
        shouldReconnect(number) ? "yes" : "no",
        cell(reaction),
      ]),
  );
};

const errorCodes = () =>
  table(
    ["code", "when", "what to do"],
    ERROR_CODES.map((name) => {
      const { when, reaction } = meaningOf(errorMeanings, name);
      return [code(name), cell(when), cell(reaction)];
    }),
  );

const refusals = (source) =>
  table(
    ["status", "code", "when", "what to do"],
    Object.entries(REFUSALS).map(([name, status]) => {
      const { when, reaction } = meaningOf(refusalMeanings, name);
      const sent = isSent(source, "refus\\w*", name);
      return [code(String(status)), code(name), cell(sent ? when : RESERVED), cell(sent ? reaction : "–")];
    }),
  );

const json = (value) => `\`\`\`json\n${JSON.stringify(value)}\n\`\`\``;

function typeOf(schema) {
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(" or ");
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum !== undefined) return schema.enum.map((value) => code(JSON.stringify(value))).join(", ");
  if (schema.type === "array") return `array of ${typeOf(schema.items)}`;
  return schema.type === undefined ? "any JSON" : [schema.type].flat().join(" or ");
}

const describe = (schema) =>
  schema.description ?? schema.anyOf?.find(({ description }) => description !== undefined)?.description ?? "";

const fields = ({ properties = {}, required = [] }) =>
  table(
    ["field", "type", "meaning"],
    Object.entries(properties).map(([name, schema]) => [
      code(name) + (required.includes(name) ? "" : " (optional)"),
      typeOf(schema),
      cell(describe(schema)),
    ]),
  );

const frames = (docs) =>
  Object.entries(docs)
    .map(([type, { summary, example }]) => `**${code(type)}** ${summary}\n\n${json(example)}`)
    .join("\n\n");

const messages = () =>
  Object.entries(eventFrameDocs)
    .map(([type, { summary, example }]) =>
      [`### ${type}`, summary, fields(jsonSchema(messageData[type])), json(example)].join("\n\n"),
    )
    .join("\n\n");

/** docs/protocol.md: its own text, with the tables that follow from the code. */
export async function protocol(present) {
  const source = await gatewaySource();
  return fill(present, {
    refusals: refusals(source),
    requests: frames(upFrameDocs),
    replies: frames(serverFrameDocs),
    messages: messages(),
    "close-codes": closeCodes(source),
    "error-codes": errorCodes(),
  });
}
