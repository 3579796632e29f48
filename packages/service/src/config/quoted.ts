/** To end a sentence about a variable. */
export const QUOTED = "the quotation marks around it count as a part of it: leave them out";

/** Whether quotation marks stand around a text: what reads a file literally keeps them. */
export const isQuoted = (text: string): boolean => /^(["'`])[^]*\1$/.test(text.trim());
