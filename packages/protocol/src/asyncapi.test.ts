import specs from "@asyncapi/specs";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import {
  asyncApiDocument,
  eventFrameDocs,
  serverFrameDocs,
  upFrameDocs,
  type Json,
  type JsonObject,
} from "./asyncapi.ts";
import { downFrame } from "./down.ts";
import { upFrame } from "./up.ts";

const downDocs = { ...serverFrameDocs, ...eventFrameDocs };

interface Message {
  readonly payload: JsonObject;
  readonly examples: readonly { readonly payload: Json }[];
}
const document = asyncApiDocument("1.2.3");
const { messages } = document["components"] as unknown as {
  readonly messages: Readonly<Record<string, Message>>;
};

const child = (node: Json | undefined, key: string): Json | undefined =>
  (node as Readonly<Record<string, Json>> | undefined)?.[key];

describe("the AsyncAPI document", () => {
  // AsyncAPI's schema brings the schema of JSON Schema along.
  const ajv = new Ajv({ strict: false, allErrors: true, meta: false, validateSchema: false });
  addFormats.default(ajv);
  const isAsyncApi = ajv.compile(specs.schemas["3.0.0"] as object);

  it("is valid by the schema that AsyncAPI publishes", () => {
    isAsyncApi(document);
    expect(isAsyncApi.errors).toBeNull();
    expect(isAsyncApi({ ...document, channels: { ws: { address: 8080 } } })).toBe(false);
  });

  it("describes each frame once", () => {
    const names = Object.keys(messages);
    expect(names).toHaveLength(Object.keys(upFrameDocs).length + Object.keys(downDocs).length);
  });

  it.each(Object.entries(messages))("has an example of %s that its own schema takes", (_, message) => {
    const isFrame = ajv.compile(message.payload);
    const [example] = message.examples;
    isFrame(example?.payload);
    expect(isFrame.errors).toBeNull();
    expect(isFrame({ type: "something else" })).toBe(false);
  });

  it("refers only to what it holds", () => {
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"#\/([^"]*)"/g)].map(([, path = ""]) => path);
    expect(references.length).toBeGreaterThan(0);
    expect([...text.matchAll(/"\$ref"/g)]).toHaveLength(references.length);
    for (const path of references) {
      const found = path.split("/").reduce<Json | undefined>(child, document);
      expect(found, path).toBeDefined();
    }
  });

  it("lets every frame be used by an operation", () => {
    const operations = JSON.stringify(document["operations"]);
    const used = new Set(
      [...operations.matchAll(/#\/channels\/ws\/messages\/([\w.]+)/g)].map(([, name = ""]) => name),
    );
    const all = [...Object.keys(upFrameDocs).map((type) => `request.${type}`), ...Object.keys(downDocs)];
    expect([...used].toSorted()).toEqual(all.toSorted());
  });
});

describe("the examples of frames", () => {
  it.each(Object.entries(upFrameDocs))("of %s is one that a gateway takes as it is", (_, { example }) => {
    expect(upFrame.parse(example)).toEqual(example);
  });

  it.each(Object.entries(downDocs))("of %s is one that a client may receive", (_, { example }) => {
    expect(downFrame.parse(example)).toEqual(example);
  });
});
