/** Long enough for a sentence, short enough that a client cannot make the gateway send much, whatever must be escaped. */
const MAX_QUOTED = 40;

/** What a client wrote, to be quoted in a sentence. */
export function quote(text: string): string {
  const quoted = JSON.stringify(text.slice(0, MAX_QUOTED + 1));
  return quoted.length <= MAX_QUOTED + 2 ? quoted : `${quoted.slice(0, MAX_QUOTED)}…"`;
}
