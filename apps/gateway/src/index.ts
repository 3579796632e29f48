export { checkGatewayConfig, gatewayConfig, gatewayVariables, type GatewayConfig } from "./config.ts";
export { createWorkerMetrics } from "./workers/metrics.ts";
export { createGateway, type Gateway, type GatewayOptions } from "./gateway.ts";
