/** A number as it comes back when it is written again: no exponent, no `-0`, no `1.0`. */
const PLAIN = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** What stands behind a key: its value, where that is neither a text nor has parts. */
const VALUE = /\s*:\s*([^\s,{}[\]"]*)/y;

function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (json.charCodeAt(at) !== QUOTE) at += json.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at + 1;
}

const isId = (key: string): boolean =>
  key === '"id"' || (key.includes("\\") && (JSON.parse(key) as string) === "id");

/**
 * The value of a frame's `id` as it was written in its text, which is known to be a JSON object; of several, the last counts.
 * One pass without an object for each part: a frame may consist of brackets.
 */
function idText(frame: string): string {
  let depth = 0;
  let found = "";
  for (let at = 0; at < frame.length; at += 1) {
    const character = frame[at];
    if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") depth -= 1;
    if (character !== '"') continue;
    const end = endOfString(frame, at);
    if (depth === 1 && isId(frame.slice(at, end))) {
      VALUE.lastIndex = end;
      // A text may be "id" as well: no value stands behind it.
      found = VALUE.exec(frame)?.[1] ?? found;
    }
    at = end - 1;
  }
  return found;
}

/**
 * Whether the number that a client gave as the id of its request comes back as it was written, so that the client finds its
 * request again. Beyond 2^53 numbers lose digits, and `1.0` comes back as `1`.
 * @param id as it was read from the frame.
 */
export function isEchoable(id: number, frame: string): boolean {
  if (Math.abs(id) > Number.MAX_SAFE_INTEGER) return false;
  const text = idText(frame);
  return PLAIN.test(text) && String(id) === text;
}
