import { z } from "zod";

/** What the documentation says of a variable beside its description. */
export interface VariableMeta {
  readonly description: string;
  /** As a user would write it; absent where the variable is optional. */
  readonly default?: string;
  readonly implied?: Implied;
  /** A secret is taken as it is, to the last white space: others may have it so. */
  readonly secret?: true;
}

/** Where a variable that is not set follows from another one that is. */
export interface Implied {
  readonly by: string;
  /** @returns the text that this variable would have. */
  readonly from: (other: string) => string;
}

interface FieldOptions {
  readonly description: string;
  readonly implied?: Implied;
}

const withDefault = <Schema extends z.ZodType<unknown, string>>(
  schema: Schema,
  fallback: string,
  { description, implied }: FieldOptions,
) =>
  z
    .string()
    .default(fallback)
    .pipe(schema)
    .meta({ description, default: fallback, ...(implied && { implied }) } satisfies VariableMeta);

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\s*\d{1,15}\s*$/, "must be a whole number")
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));

/** A whole number between bounds. */
export const integer = (
  fallback: number,
  options: FieldOptions & { readonly min?: number; readonly max?: number },
) =>
  withDefault(
    wholeNumber(options.min ?? 0, options.max ?? Number.MAX_SAFE_INTEGER),
    String(fallback),
    options,
  );

/** A whole number that may be absent: `presumed` is what counts then, in a way that is described. */
export const optionalInteger = (presumed: number, { description }: FieldOptions) =>
  wholeNumber(0, Number.MAX_SAFE_INTEGER)
    .optional()
    .meta({ description, default: String(presumed) } satisfies VariableMeta);

/** What Kubernetes, and links of Docker, put into `<NAME>_PORT` for a Service of that name. */
const SERVICE_ADDRESS = /^(?:tcp|udp|sctp):\/\//;

const notOfService = z.string().refine((text) => !SERVICE_ADDRESS.test(text), {
  abort: true,
  message:
    "was set by Kubernetes for a Service of that name, and is its address, not a port; give the Service another name, " +
    "or set enableServiceLinks: false in the pod, or set this variable yourself",
});

/** A TCP port; 0 lets the system choose one. */
export const port = (fallback: number, options: FieldOptions) =>
  withDefault(notOfService.pipe(wholeNumber(0, 65_535)), String(fallback), options);

const TRUE_WORDS = new Set(["true", "1", "yes", "on"]);
const FALSE_WORDS = new Set(["false", "0", "no", "off"]);

const trueOrFalse = z.string().transform((text, context) => {
  const word = text.trim().toLowerCase();
  if (TRUE_WORDS.has(word)) return true;
  if (FALSE_WORDS.has(word)) return false;
  context.addIssue({ code: "custom", message: "must be true or false" });
  return z.NEVER;
});

/** `true`, `1`, `yes`, `on` or their opposites. */
export const boolean = (fallback: boolean, options: FieldOptions) =>
  withDefault(trueOrFalse, String(fallback), options);

/** The same, absent where something else decides. */
export const optionalBoolean = (options: FieldOptions) => optional(trueOrFalse, options);

/** A value that is one of a few words, in capitals or not. */
export const wordOf = <Word extends string>(words: readonly Word[]) =>
  z.string().transform((text, context): Word => {
    const given = text.trim().toLowerCase();
    const found = words.find((each) => each.toLowerCase() === given);
    if (found !== undefined) return found;
    context.addIssue({ code: "custom", message: `must be one of ${words.join(", ")}` });
    return z.NEVER;
  });

/** The same with a default. */
export const oneOf = <const Words extends readonly [string, ...string[]]>(
  words: Words,
  fallback: Words[number],
  options: FieldOptions,
) => withDefault(wordOf<Words[number]>(words), fallback, options);

const commaSeparated = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
);

/** Comma-separated values, each checked by itself and kept once; empty by default. */
export const list = <Item extends z.ZodType<unknown, string>>(
  item: Item,
  options: FieldOptions & { readonly max: number },
) =>
  withDefault(
    commaSeparated
      .transform((values) => [...new Set(values)])
      .pipe(z.array(item).max(options.max, `must not hold more than ${options.max} values`)),
    "",
    options,
  );

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

/**
 * Perhaps user and password, the host, perhaps path and query. What would end one of them where it is not meant to is
 * refused: a part of a secret would become the host, which is shown.
 */
const PLAIN_URL =
  /^[a-z][a-z0-9+.-]*:\/\/(?:(?:[^@/?#[\]\\\s%]|%[0-9a-f]{2})*@)?[^@/?#\\\s]+(?:[/?][^@#\s]*)?$/i;
const WITH_SECRETS = /@|\?|:\/\/[^/]*\//;
const ENCODING =
  "what is special in user, password, path and query must be percent-encoded (@ as %40, / as %2F, # as %23, ? as %3F, " +
  "[ as %5B, comma as %2C, % as %25)";

const urlWith = (schemes: readonly string[]) =>
  z.string().transform((text, context) => {
    const address = SCHEME.test(text) ? text : `${schemes[0]}://${text}`;
    const accepted =
      PLAIN_URL.test(address) &&
      URL.canParse(address) &&
      schemes.includes(new URL(address).protocol.slice(0, -1));
    if (accepted && new URL(address).hostname !== "") return address;
    context.addIssue({
      code: "custom",
      message: `must be an address such as ${schemes[0]}://host:port (accepted: ${schemes.join(", ")}); ${ENCODING}`,
    });
    return z.NEVER;
  });

/** Whether a comma that was meant as a part of a secret may have divided a list. */
function maybeCut(given: string): boolean {
  const parts = given.split(",");
  return parts.some((part, index) => {
    if (parts.length === 1 || SCHEME.test(part.trim())) return false;
    const before = parts.slice(0, index).join(",");
    return part.includes("@") || (/^\S/.test(part) && WITH_SECRETS.test(before));
  });
}

const whole = z.string().transform((given, context) => {
  if (!maybeCut(given)) return given;
  context.addIssue({
    code: "custom",
    message: `each address of a list must begin with its scheme; ${ENCODING}`,
  });
  return z.NEVER;
});

/**
 * Comma-separated URLs. One without a scheme gets the first of `schemes`. What may be a secret is never told when they are
 * refused.
 */
export const urls = (
  schemes: readonly [string, ...string[]],
  fallback: string,
  options: FieldOptions & { readonly max: number },
) =>
  withDefault(
    whole
      .pipe(commaSeparated)
      .pipe(
        z
          .array(urlWith(schemes))
          .min(1, "must hold at least one address")
          .max(options.max, `must not hold more than ${options.max} addresses`),
      ),
    fallback,
    options,
  );

/** Any text that `schema` accepts. */
export const text = (fallback: string, schema: z.ZodType<string, string>, options: FieldOptions) =>
  withDefault(schema, fallback, options);

/** Text that may be absent. */
export const optional = <Schema extends z.ZodType<unknown, string>>(
  schema: Schema,
  { description, secret }: FieldOptions & Pick<VariableMeta, "secret">,
) => schema.optional().meta({ description, ...(secret && { secret }) } satisfies VariableMeta);
