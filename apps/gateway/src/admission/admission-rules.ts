import { createOriginCheck } from "./allowed-origins.ts";
import { createClientAddress } from "../connections/client-address.ts";
import { placeLimits, type PlaceLimits, type PlaceLimitsConfig } from "./default-limits.ts";

export interface AdmissionConfig extends PlaceLimitsConfig {
  readonly WEBSOCKET_MAX_SUBSCRIPTIONS: number;
  readonly WEBSOCKET_MAX_CONNECTIONS: number;
  readonly WEBSOCKET_CONNECTS_PER_SECOND: number;
  readonly WEBSOCKET_ALLOWED_ORIGINS: readonly string[];
  readonly TRUSTED_PROXIES: readonly string[];
}

export interface AdmissionLimits extends PlaceLimits {
  readonly maxSubscriptions: number;
  readonly maxConnections: number;
  /** 0 for any number. */
  readonly connectsPerSecond: number;
}

/** Who may connect, as the configuration says. */
export interface AdmissionRules {
  readonly limits: AdmissionLimits;
  readonly allowsOrigin: (origin: string) => boolean;
  readonly clientAddress: (peer: string, forwardedFor: readonly string[]) => string;
}

export const admissionRules = (config: AdmissionConfig): AdmissionRules => ({
  limits: {
    maxSubscriptions: config.WEBSOCKET_MAX_SUBSCRIPTIONS,
    maxConnections: config.WEBSOCKET_MAX_CONNECTIONS,
    connectsPerSecond: config.WEBSOCKET_CONNECTS_PER_SECOND,
    ...placeLimits(config),
  },
  allowsOrigin: createOriginCheck(config.WEBSOCKET_ALLOWED_ORIGINS),
  clientAddress: createClientAddress(config.TRUSTED_PROXIES),
});
