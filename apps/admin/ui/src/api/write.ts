import { askForToken } from "../components/token-dialog.tsx";
import { adminToken, request, RequestError } from "./request.ts";

/**
 * A write, which always needs the token: a person is asked for it until it is right or they give up.
 * @returns null when they gave up.
 * @throws {RequestError}
 */
export async function write<Body>(path: string, body?: unknown): Promise<Body | null> {
  let reason = "Changing something needs the admin token.";
  for (;;) {
    if (adminToken.value === "" && !(await askForToken(reason))) return null;
    const sent = adminToken.value;
    try {
      return await request<Body>(path, { method: "POST", body });
    } catch (error) {
      if (!(error instanceof RequestError) || error.status !== 401) throw error;
      if (adminToken.value === sent) adminToken.keep("");
      reason = error.message;
    }
  }
}
