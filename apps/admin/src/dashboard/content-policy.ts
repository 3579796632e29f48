/** A name or an IPv4 address: what a policy can name. It has no form for IPv6. */
const HOST = /^([A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}))(?::\d{1,5})?$/;

/** Where an address cannot be named, the page may connect to any, by WebSocket alone. */
const ANYWHERE = "ws: wss:";

/** Where the page finds a gateway: a URL, or the page's own host with another port. */
export interface GatewayAddress {
  readonly url: string | undefined;
  readonly port: number;
}

/** The sources of a policy that let the page open a WebSocket to the gateway. */
function gatewaySources({ url, port }: GatewayAddress, host: string): string {
  if (url !== undefined) {
    const { origin, host: named } = new URL(url);
    return HOST.test(named) ? origin : ANYWHERE;
  }
  const [, name] = HOST.exec(host) ?? [];
  return name === undefined ? ANYWHERE : `ws://${name}:${port} wss://${name}:${port}`;
}

/**
 * What the dashboard may have a browser do: run and show what this server sends, ask this server, and talk to the
 * gateway. Nothing inline, nothing of others, no frames around it.
 * @param host the `Host` header of the request.
 */
export const contentPolicy = (gateway: GatewayAddress, host: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${gatewaySources(gateway, host)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
