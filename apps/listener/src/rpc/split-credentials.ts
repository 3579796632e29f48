/** A URL's credentials travel as a header. */
export function splitCredentials(address: string): {
  readonly url: URL;
  readonly headers: Record<string, string>;
} {
  const url = new URL(address);
  if (url.username === "" && url.password === "") return { url, headers: {} };
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = "";
  url.password = "";
  return { url, headers: { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` } };
}
