export { checkGatewayConfig, gatewayConfig, gatewayVariables, type GatewayConfig } from "./config.ts";
export { createWorkerMetrics } from "./workers/metrics.ts";
export { createGateway, type Gateway } from "./gateway.ts";
export type { GatewayOptions } from "./gateway-parts.ts";
