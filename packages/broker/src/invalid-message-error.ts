/** Something that can never be published; sending it again does not help. Nothing of its batch was stored. */
export class InvalidMessageError extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = "InvalidMessageError";
  }
}
