export {
  connectToInspect,
  type InspectedNode,
  type RedisInspection,
  type RedisInspector,
} from "./redis/inspector.ts";
export type { RegisteredServer } from "./registry.ts";
export { listenerStatus, type ListenerStatus } from "./listener-status.ts";
