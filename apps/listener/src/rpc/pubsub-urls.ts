const DEFAULT_HTTP_PORT = "8899";
const DEFAULT_WS_PORT = "8900";
const ADDRESS = /^(?:(https?):\/\/)?([^/?#]*)(.*)$/is;

/** As one node: same host, path and query, by WebSocket. What is no such address stays as it is, to be refused. */
function pubSubUrl(rpcUrl: string): string {
  const [, scheme, authority, rest] = ADDRESS.exec(rpcUrl) ?? [];
  if (authority === undefined || rest === undefined || authority.endsWith(":")) return rpcUrl;
  const protocol = scheme?.toLowerCase() === "https" ? "wss" : "ws";
  const host = authority.replace(new RegExp(`:${DEFAULT_HTTP_PORT}$`), `:${DEFAULT_WS_PORT}`);
  return `${protocol}://${host}${rest}`;
}

/**
 * The PubSub addresses of nodes by their JSON-RPC addresses, as providers and nodes have them: the same with ws for http and
 * wss for https; a node of one's own listens on 8900 where it answers on 8899.
 * @param rpcUrls comma-separated; one without a scheme is http.
 */
export const pubSubUrls = (rpcUrls: string): string =>
  rpcUrls
    .split(",")
    .map((url) => url.trim())
    .filter((url) => url !== "")
    .map(pubSubUrl)
    .join(",");
