/** As much of JSON Schema as the messages of the API are written in. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly minimum?: number;
}

/** The part of the OpenAPI document that is used. */
export interface ApiDocument {
  readonly paths: Readonly<
    Record<
      string,
      {
        readonly post?: {
          readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
        };
      }
    >
  >;
}

export interface Field {
  readonly name: string;
  readonly kind: "text" | "number" | "choice" | "json";
  readonly required: boolean;
  /** An empty field is sent as null. */
  readonly nullable: boolean;
  readonly hint: string;
  readonly choices: readonly string[];
}

const alternatives = (schema: Schema): readonly Schema[] => schema.anyOf ?? schema.oneOf ?? [schema];
const typesOf = (schema: Schema): readonly string[] =>
  alternatives(schema).flatMap(({ type = [] }) => (typeof type === "string" ? [type] : type));

function kindOf(schema: Schema): Field["kind"] {
  if (schema.enum !== undefined) return "choice";
  const types = typesOf(schema).filter((type) => type !== "null");
  if (types.length !== 1) return "json";
  if (types[0] === "string") return "text";
  return types[0] === "integer" || types[0] === "number" ? "number" : "json";
}

/** The messages that can be published, by type, each with the fields of its data; none when the document has no such route. */
export function messageFields(document: ApiDocument): ReadonlyMap<string, readonly Field[]> {
  const body = document.paths["/api/ws/broadcast"]?.post?.requestBody?.content["application/json"]?.schema;
  const fields = new Map<string, readonly Field[]>();
  for (const { properties = {} } of body === undefined ? [] : alternatives(body)) {
    const type = properties["type"]?.const ?? properties["type"]?.enum?.[0];
    const data = properties["data"];
    if (typeof type !== "string" || data === undefined) continue;
    const required = new Set(data.required);
    fields.set(
      type,
      Object.entries(data.properties ?? {}).map(([name, schema]) => ({
        name,
        kind: kindOf(schema),
        required: required.has(name),
        nullable: typesOf(schema).includes("null"),
        hint: schema.description ?? "",
        choices: (schema.enum ?? []).map(String),
      })),
    );
  }
  return fields;
}

/** What was typed into the fields as the data of a message. @throws {Error} that names the field that is no number or no JSON. */
export function readFields(
  fields: readonly Field[],
  typed: ReadonlyMap<string, string>,
): Readonly<Record<string, unknown>> {
  const data: Record<string, unknown> = {};
  for (const { name, kind, nullable, required } of fields) {
    const text = typed.get(name) ?? "";
    if (text.trim() === "" && nullable) data[name] = null;
    else if (text.trim() === "" && !required) continue;
    else if (kind === "number") {
      if (text.trim() === "" || !Number.isFinite(Number(text))) throw new Error(`${name} must be a number.`);
      data[name] = Number(text);
    } else if (kind === "json") {
      try {
        data[name] = JSON.parse(text);
      } catch {
        throw new Error(`${name} must be JSON, such as {} or [] or "text".`);
      }
    } else data[name] = text;
  }
  return data;
}
