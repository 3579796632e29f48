import { errorBody } from "../api-error.ts";

/** OpenAPI: the token is needed, except for a read on the server's own machine. */
export const OPEN_TO_LOCAL = [{}, { adminToken: [] }];
/** OpenAPI: nobody needs anything. */
export const OPEN = [];
export const TOKEN_NEEDED = [{ adminToken: [] }];

const sentence = (description: string) => errorBody.describe(description);

/** What every guarded route may answer. */
const guardErrors = {
  401: sentence("No token was sent, or a wrong one"),
  403: sentence("A token is needed, and the server has none: ADMIN_TOKEN is not set"),
  429: sentence("Too many wrong tokens from this address; Retry-After says when to come back"),
  500: sentence("Something went wrong on the server"),
  503: sentence("The broker cannot be reached for now; Retry-After says when to come back"),
};

export const readErrors = guardErrors;

export const inputErrors = {
  ...guardErrors,
  400: sentence("The request is not usable; the message names the fields"),
};

export const broadcastErrors = {
  ...inputErrors,
  404: sentence("No gateway of that id is in the registry"),
  413: sentence("The body is too large"),
  415: sentence("The body is not application/json"),
  429: sentence(
    "More messages per second than the server takes, or too many wrong tokens; Retry-After says when to come back",
  ),
};

/** What a list may answer that one gateway can be asked for. */
export const serverErrors = { ...inputErrors, 404: sentence("No gateway of that id is in the registry") };

/** What every route may answer that is about something at the gateways. */
export const surveyErrors = {
  ...inputErrors,
  404: sentence("Nobody has it: every gateway of the registry said so, or there is no such gateway"),
  504: sentence(
    "Not found at the gateways that answered, and some did not answer in time; the message names them",
  ),
};
