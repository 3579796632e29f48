import { CommandError } from "./command-error.ts";

export interface AdminAccess {
  /** Where the admin service listens. */
  readonly url: string;
  readonly token: string | undefined;
}

/** Calls the admin service. @throws {CommandError} when it is not there, or refuses, with its own words. */
export interface AdminApi {
  get<Answer>(path: string, query?: Readonly<Record<string, string | undefined>>): Promise<Answer>;
  post<Answer>(path: string, body?: object): Promise<Answer>;
}

const TIMEOUT_MS = 15_000;

function refusal(status: number, text: string): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    if (typeof message === "string") return message;
  } catch {
    // Not an answer of the admin service: a proxy's page, for example.
  }
  return `${status}: ${text.slice(0, 200)}`;
}

export function createAdminApi({ url, token }: AdminAccess): AdminApi {
  const call = async <Answer>(method: string, path: string, body?: object): Promise<Answer> => {
    const headers = {
      accept: "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const answer = await fetch(new URL(path, url), {
      method,
      headers,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      const cause =
        error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
      throw new CommandError(
        `The admin service at ${url} does not answer (${cause}). Is it running? --admin or COMMCOIN_ADMIN_URL names another one.`,
      );
    });
    const text = await answer.text();
    if (!answer.ok) {
      const advice = answer.status === 401 ? " Give its token with --token, or in ADMIN_TOKEN." : "";
      throw new CommandError(`The admin service refuses: ${refusal(answer.status, text)}${advice}`);
    }
    try {
      return JSON.parse(text) as Answer;
    } catch {
      throw new CommandError(`${url} does not answer like an admin service: ${text.slice(0, 80)}`);
    }
  };
  return {
    get(path, query = {}) {
      const given = Object.entries(query).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      );
      const search = new URLSearchParams(given).toString();
      return call("GET", search === "" ? path : `${path}?${search}`);
    },
    post: (path, body) => call("POST", path, body),
  };
}
