/** Long enough for a sentence, short enough that a client cannot make the gateway send much. */
const MAX_QUOTED = 40;

/** What a client wrote, to be quoted in a sentence. */
export const quote = (text: string): string =>
  JSON.stringify(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text);
