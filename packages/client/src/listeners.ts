/** An exception of the application's code belongs to the application: it must neither vanish nor stop the client. */
export function callSafely<Argument>(listener: (argument: Argument) => void, argument: Argument): void {
  try {
    listener(argument);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
