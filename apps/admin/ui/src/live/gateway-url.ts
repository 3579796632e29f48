/**
 * Where the page finds a gateway.
 * @param configured what the server was told; empty when nothing.
 * @param port of the gateway, on the page's own host, where nothing was configured.
 */
export function gatewayUrl(
  configured: string,
  port: string,
  page: Pick<Location, "protocol" | "hostname">,
): string {
  if (configured !== "") return configured;
  return `${page.protocol === "https:" ? "wss" : "ws"}://${page.hostname}:${port}/ws`;
}
