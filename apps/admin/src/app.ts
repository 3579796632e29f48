import { createSurveyor, type Broker } from "@commcoin/broker";
import { USER_ID_MAX_BYTES } from "@commcoin/protocol";
import { answerClientError, type Logger, type Operations } from "@commcoin/service/telemetry";
import rateLimit from "@fastify/rate-limit";
import Fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { auditWrites } from "./access/audit.ts";
import { createGuard } from "./access/guard.ts";
import { rememberMethods } from "./allowed-methods.ts";
import { readsNeedToken, type AdminConfig } from "./config.ts";
import { registerDashboard } from "./dashboard/dashboard.ts";
import { findUiFolder } from "./dashboard/ui-folder.ts";
import { createErrorAnswers } from "./error-answers.ts";
import { finishRequests } from "./finish-requests.ts";
import type { AdminMetrics } from "./metrics.ts";
import { registerOpenApi } from "./openapi/plugin.ts";
import { broadcastRoutes } from "./routes/broadcast.ts";
import { clusterRoutes } from "./routes/cluster.ts";
import { closedConnectionsRoutes } from "./routes/closed-connections.ts";
import { connectionsRoutes } from "./routes/connections.ts";
import { listenerRoutes } from "./routes/listener.ts";
import { operationsRoutes } from "./routes/operations.ts";
import { serversRoutes } from "./routes/servers.ts";
import { topicHistoryRoutes } from "./routes/topic-history.ts";
import { topicsRoutes } from "./routes/topics.ts";
import { usersRoutes } from "./routes/users.ts";
import { registerSecurityHeaders } from "./security-headers.ts";
import { createGateways } from "./survey/gateways.ts";

/** A client that sends its request more slowly than this holds a connection for nothing. */
const REQUEST_TIMEOUT_MS = 10_000;
/** Requests that are being answered when the service stops may take so long; clients that send theirs slowly hold up nobody. */
const STOP_PATIENCE_MS = 3_000;
/** The longest topic is `user:` and an id, of which each byte may be escaped in a URL. */
const MAX_PARAMETER_LENGTH = "user:".length + 3 * USER_ID_MAX_BYTES;
/** For routes that take no body; those that do set their own. */
const BODY_LIMIT_BYTES = 1_024;

export interface AppParts {
  readonly config: AdminConfig;
  readonly broker: Broker;
  readonly operations: Operations;
  readonly metrics: AdminMetrics;
  readonly logger: Logger;
  /** Where the built pages of the dashboard are; found by itself where it is not given, null for none. */
  readonly uiFolder?: string | null;
}

/** The HTTP side of the admin service, ready to be listened on or injected into. */
export async function createApp(parts: AppParts): Promise<FastifyInstance> {
  const { config, broker, operations, metrics, logger, uiFolder = findUiFolder() } = parts;
  const { onError, notFound } = createErrorAnswers(logger);

  const surveyor = createSurveyor({ control: broker.control, registry: broker.registry, logger });
  const gateways = createGateways({ surveyor, onSurvey: metrics.surveyed });

  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    frameworkErrors: onError,
    clientErrorHandler: answerClientError,
  });
  app.setErrorHandler(onError);
  finishRequests(app, STOP_PATIENCE_MS);
  app.addHook("onClose", async () => surveyor.close());
  app.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "unknown";
    metrics.answered(request.method, route, reply.statusCode, reply.elapsedTime / 1_000);
  });

  const methodsOf = rememberMethods(app);
  await registerSecurityHeaders(app);
  const refuse = (request: FastifyRequest): never => {
    throw notFound(request, methodsOf(request.url.split("?", 1)[0] ?? ""));
  };
  // Before the body is read: nobody needs it.
  app.addHook("onRequest", async (request) => {
    if (request.is404) refuse(request);
  });
  app.setNotFoundHandler(refuse);
  auditWrites(app, logger);
  await app.register(rateLimit, { global: false });
  const guard = createGuard({
    token: config.ADMIN_TOKEN,
    readsNeedToken: readsNeedToken(config),
    logger,
    createRateLimit: (options) => app.createRateLimit(options),
  });
  await registerOpenApi(app, { readsNeedToken: readsNeedToken(config), isOpen: guard.isOpen });
  // The zod compilers stay inside this plugin: other plugins bring routes with plain JSON schemas.
  await app.register(async (api) => {
    api.setValidatorCompiler(validatorCompiler);
    api.setSerializerCompiler(serializerCompiler);
    await api.register(clusterRoutes, { broker, guard, serverId: config.SERVER_ID });
    await api.register(listenerRoutes, { broker, guard });
    await api.register(broadcastRoutes, {
      broker,
      guard,
      metrics,
      perSecond: config.ADMIN_BROADCASTS_PER_SECOND,
    });
    await api.register(connectionsRoutes, { gateways, guard });
    await api.register(closedConnectionsRoutes, { gateways, guard });
    await api.register(usersRoutes, { gateways, guard });
    await api.register(serversRoutes, { gateways, guard });
    await api.register(topicsRoutes, { broker, gateways, guard });
    await api.register(topicHistoryRoutes, { broker, guard });
    await api.register(operationsRoutes, { operations });
  });
  await registerDashboard(app, {
    folder: uiFolder,
    gateway: { url: config.DASHBOARD_GATEWAY_URL, port: config.WEBSOCKET_PORT },
  });

  await app.ready();
  return app;
}
