/** A URL as it may stand in logs: without credentials, and without path or query, where providers put keys. */
export function publicUrl(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
