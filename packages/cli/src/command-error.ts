/** Something that the person at the terminal can understand and mend: its message is all that is printed. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}
