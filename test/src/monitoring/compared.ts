/** A part of an alert's expression, without the comparison that makes it fire. */
export interface Compared {
  readonly expression: string;
  /** Such as `> 0.25`; empty where the part fires as soon as it is there. */
  readonly limit: string;
}

const count = (text: string, characters: RegExp): number => text.match(characters)?.length ?? 0;
/** Whether the end of a text is in no parentheses. */
const isOutside = (text: string): boolean => count(text, /[([{]/g) === count(text, /[)\]}]/g);

/** Where the alternatives of an expression are apart: at an `or` that is in no parentheses. */
function alternativesOf(expression: string): readonly string[] {
  const cuts = [...expression.matchAll(/\s+or\s+/g)].filter(({ index }) =>
    isOutside(expression.slice(0, index)),
  );
  let from = 0;
  return [...cuts.map(({ index, 0: { length } }) => ({ index, length })), null].map((cut) => {
    const part = expression.slice(from, cut?.index);
    from = (cut?.index ?? 0) + (cut?.length ?? 0);
    return part;
  });
}

/** What an alert compares with a limit, each alternative by itself: what an alert that does not fire has to say. */
export const comparedIn = (expression: string): readonly Compared[] =>
  alternativesOf(expression.replaceAll(/\s+/g, " ")).map((part) => {
    const [, compared = part, limit = ""] = /^(.*?) ((?:[<>]=?|[=!]=) [\d.]+)$/.exec(part) ?? [];
    return { expression: compared, limit };
  });
