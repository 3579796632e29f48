/**
 * When a JWT expires by its `exp` claim (RFC 7519, section 4.1.4), in Unix milliseconds; null for any other token. Read
 * without verification, only to renew it in time: the server decides.
 */
export function tokenExpiry(token: string): number | null {
  try {
    const payload = (token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/");
    const { exp } = JSON.parse(atob(payload)) as { exp?: unknown };
    return typeof exp === "number" ? exp * 1_000 : null;
  } catch {
    return null;
  }
}
