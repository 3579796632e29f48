import type { HttpResponse, TemplatedApp } from "uWebSockets.js";
import type { HttpAnswer, HttpRequest } from "./socket.ts";
import { utf8 } from "./uws-socket.ts";

const STATUS_TEXT: Readonly<Record<number, string>> = {
  200: "OK",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  426: "Upgrade Required",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

const failure: HttpAnswer = {
  status: 500,
  contentType: "application/json; charset=utf-8",
  body: '{"code":"internal","message":"The request could not be answered."}',
};

/** The process ends when a request handler of the native module throws. */
export function orFailure<Answer>(answer: () => Answer): Answer | HttpAnswer {
  try {
    return answer();
  } catch {
    return failure;
  }
}

export function writeAnswer(
  response: HttpResponse,
  { status, contentType, body, headers }: HttpAnswer,
  withBody: boolean,
): void {
  response.writeStatus(`${status} ${STATUS_TEXT[status] ?? ""}`.trim());
  response.writeHeader("content-type", contentType);
  response.writeHeader("cache-control", "no-store");
  for (const [name, value] of Object.entries(headers ?? {})) response.writeHeader(name, value);
  // An answer to HEAD has no body. `endWithoutBody`, which would announce its length, aborts the process in 20.30.
  response.end(withBody ? utf8(body) : "");
}

/** Answers whatever is no request to open a WebSocket. */
export function serveRequests(
  app: TemplatedApp,
  answerTo: (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>,
): void {
  app.any("/*", (response, request) => {
    const method = request.getMethod();
    const withBody = method !== "head";
    const answer = orFailure(() =>
      answerTo({ method, path: request.getUrl(), origin: request.getHeader("origin") }),
    );
    if (!(answer instanceof Promise)) {
      writeAnswer(response, answer, withBody);
      return;
    }
    let aborted = false;
    response.onAborted(() => {
      aborted = true;
    });
    const finish = (ready: HttpAnswer): void => {
      if (!aborted) response.cork(() => writeAnswer(response, ready, withBody));
    };
    answer.then(finish, () => finish(failure));
  });
}
