/** An account that the broker is yet to be asked for. */
export interface AccountQuestion {
  readonly answer: Promise<boolean>;
  readonly resolve: (granted: boolean) => void;
  readonly reject: (error: unknown) => void;
}

export function createAccountQuestion(): AccountQuestion {
  let resolve: AccountQuestion["resolve"] = () => {};
  let reject: AccountQuestion["reject"] = () => {};
  const answer = new Promise<boolean>((onAnswer, onError) => {
    resolve = onAnswer;
    reject = onError;
  });
  return { answer, resolve, reject };
}
