/** A number as it comes back when it is written again: no exponent, no `-0`, no `1.0`. */
const PLAIN = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

/** Strings, brackets, and what stands between them. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g;

/** Where the value of a frame's `id` stands in its text, which is known to be a JSON object; of several, the last counts. */
function idText(frame: string): string {
  let depth = 0;
  let isKey = false;
  let key = "";
  let found = "";
  for (const [token] of frame.matchAll(TOKENS)) {
    if (token === "{" || token === "[") depth += 1;
    else if (token === "}" || token === "]") depth -= 1;
    if (depth !== 1) continue;
    if (token === "," || token === "{") isKey = true;
    else if (token === ":") isKey = false;
    else if (isKey) key = token;
    else if (key !== "" && JSON.parse(key) === "id") found = token;
  }
  return found;
}

/**
 * Whether the number that a client gave as the id of its request comes back as it was written, so that the client finds its
 * request again. Beyond 2^53 numbers lose digits, and `1.0` comes back as `1`.
 * @param id as it was read from the frame.
 */
export function isEchoable(id: number, frame: string): boolean {
  const text = idText(frame);
  return Math.abs(id) <= Number.MAX_SAFE_INTEGER && PLAIN.test(text) && String(id) === text;
}
