import { z } from "zod";

/** Enough to see what is wrong, and no more than a screen of it. */
const MAX_ISSUES = 10;

type Path = readonly PropertyKey[];

/** What is known of an issue once it went through the validator: zod's, or the provider's version of it. */
interface Issue {
  readonly path: Path;
  readonly message: string;
  /** What each alternative of a union says. */
  readonly alternatives?: readonly (readonly Issue[])[];
}

const issueShape: z.ZodType<Issue> = z.lazy(() =>
  z
    .object({
      path: z.array(z.custom<PropertyKey>()),
      message: z.string(),
      errors: z.array(z.array(issueShape)).optional(),
    })
    .transform(({ path, message, errors }) => ({ path, message, ...(errors && { alternatives: errors }) })),
);

/** The validator of the zod provider hands on a union's alternatives in `params`. */
const validatorIssue = z.object({
  instancePath: z.string().default(""),
  message: z.string().default("is invalid"),
  params: z.object({ errors: z.array(z.array(issueShape)).optional() }).optional(),
});

/** The alternative that was meant: the only one with the fewest problems. */
function closest(alternatives: readonly (readonly Issue[])[]): readonly Issue[] | null {
  const [best, second] = alternatives.toSorted((a, b) => a.length - b.length);
  if (best === undefined || best.length === 0 || best.length === second?.length) return null;
  return best;
}

function flatten(issue: Issue, prefix: Path): readonly { readonly path: Path; readonly message: string }[] {
  const path = [...prefix, ...issue.path];
  const meant = closest(issue.alternatives ?? []);
  return meant === null ? [{ path, message: issue.message }] : meant.flatMap((inner) => flatten(inner, path));
}

/** The library's words for what people often send, in ours. */
const plain = (message: string): string =>
  message
    .replace(/^Invalid input: expected (\w+), received undefined$/, "is missing ($1)")
    .replace(/^Invalid input: expected (\w+), received NaN$/, "must be a $1")
    .replace(/^Invalid input: expected (\w+), received (\w+)$/, "must be of type $1, and is of type $2")
    .replace(/^Invalid discriminator value\. Expected (.*)$/, "must be one of $1");

/** Says which fields are wrong and why, in one line: `data.price: Invalid input; target: …`. */
export function validationMessage(validation: readonly unknown[], context: string): string {
  const problems = validation.flatMap((raw) => {
    const { instancePath, message, params } = validatorIssue.parse(raw);
    const path = instancePath.split("/").filter((part) => part !== "");
    return flatten({ path, message, ...(params?.errors && { alternatives: params.errors }) }, []);
  });
  const told = problems.map(
    ({ path, message }) => `${path.length > 0 ? path.map(String).join(".") : context}: ${plain(message)}`,
  );
  const distinct = [...new Set(told)];
  const shown = distinct.slice(0, MAX_ISSUES);
  if (distinct.length > MAX_ISSUES) shown.push(`and ${distinct.length - MAX_ISSUES} more`);
  return shown.join("; ");
}
