import type { ErrorBody } from "../api-error.ts";
import { READING, tokenSentence, WRITING } from "../access/guard.ts";

/** What operations that want a token, always or of strangers, answer when something is wrong, by status. */
export const sharedErrors = (
  access: "read" | "write",
  { readsNeedToken }: { readonly readsNeedToken: boolean },
): Readonly<Record<number, ErrorBody>> => {
  const what = access === "write" ? WRITING : READING[readsNeedToken ? "always" : "from elsewhere"];
  return {
    401: { code: "unauthorized", message: tokenSentence(what, "none") },
    403: { code: "forbidden", message: tokenSentence(what, "nowhere") },
    429: {
      code: "rate_limited",
      message: "Too many wrong tokens from your address; try again in 60 s, or at once with the right one.",
    },
    500: { code: "internal", message: "Something went wrong on the server; its log says what." },
    503: { code: "broker_unavailable", message: "Redis cannot be reached at present." },
  };
};
