/** A URL as it may stand in logs: without credentials, and without path or query, where providers put keys. */
export function publicUrl(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

/** Shorter parts of a URL, `v1` or `rpc` for example, are no secret, and words of their own. */
const MIN_SECRET_LENGTH = 8;

/**
 * The function that takes out of a text whatever a URL has of a key: nodes repeat it in what they refuse.
 * @param url of the node that the text is from.
 */
export function hideSecretsOf(url: string): (text: string) => string {
  const { username, password, pathname, searchParams } = new URL(url);
  const parts = [username, password, ...pathname.split("/"), ...searchParams.values()];
  const secrets = [...parts, ...parts.map(decoded)].filter(({ length }) => length >= MIN_SECRET_LENGTH);
  return (text) => secrets.reduce((left, secret) => left.replaceAll(secret, "***"), text);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
