import express, { type Express, type RequestHandler, type Router } from 'express';
import type { Logger } from 'pino';
import type { Config } from '../config/schema.ts';
import type { DetectorCatalog } from '../detectors/detector-catalog.ts';
import type { DetectorHost } from '../detectors/detector-host.ts';
import { devicePlaces, type DevicePlaces } from '../streams/devices.ts';
import type { ModelsPort } from '../detectors/ports.ts';
import type { Notifier } from '../notify/notifier.ts';
import type { StreamRegistry } from '../streams/registry.ts';
import { errorHandler, nothingHere } from './error-handler.ts';
import { EventHub } from './event-hub.ts';
import type { Guard } from './guard.ts';
import { crossOrigin, securityHeaders } from './headers.ts';
import { allow } from './methods.ts';
import { METRICS_TYPE, metricsText } from './metrics.ts';
import { openApi } from './openapi.ts';
import { docsPage } from './docs-page.ts';
import { countRoutes } from './routes/counts.ts';
import { detectorRoutes, modelRoutes } from './routes/detectors.ts';
import { deviceRoutes } from './routes/devices.ts';
import { annotationRoutes, ConnectionLimit, eventRoutes } from './routes/events.ts';
import { healthRoutes, type ReadinessCheck } from './routes/operation.ts';
import { pageRoutes } from './routes/pages.ts';
import { streamRoutes } from './routes/streams.ts';

/** What the HTTP side is made from. */
export interface HttpDeps {
  readonly config: Config;
  readonly logger: Logger;
  readonly registry: StreamRegistry;
  readonly catalog: DetectorCatalog;
  readonly models: ModelsPort;
  readonly detector: Pick<DetectorHost, 'state' | 'restarts'>;
  readonly notifier: Pick<Notifier, 'stats'>;
  readonly guard: Guard;
  readonly readiness: () => readonly ReadinessCheck[];
  /** Folder of the built client. */
  readonly clientDir: string;
  readonly version: string;
  /** Where to look for cameras and screens; left out, where Linux has them. */
  readonly devices?: DevicePlaces;
  /** Resources of other parts, such as WHEP below `/live`; they throw Refusal or ProblemError. What is not public must lie below `/api` or `/live`. */
  readonly routers?: readonly { readonly path: string; readonly router: Router }[];
}

/** The HTTP application. */
export interface HttpApp {
  readonly app: Express;
  /** Ends long-lived connections. Idempotent. */
  close(): void;
}

/** Everything that answers HTTP requests, in order: access, resources, errors. */
export function createHttpApp(deps: HttpDeps): HttpApp {
  const { config, logger, registry, catalog, models, detector, notifier, guard, version } = deps;
  const { bodyBytes, eventClients } = config.limits;
  const hub = new EventHub(registry);
  const connections = new ConnectionLimit(eventClients);
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');

  app.use(logged(logger), securityHeaders, refusing((request) => guard.checkHost(request)), crossOrigin(guard));
  app.use(['/api', '/live', '/metrics'], refusing((request) => guard.check(request)));

  app.use(healthRoutes(deps.readiness));
  app.use('/api/streams', streamRoutes(registry, bodyBytes), countRoutes(registry));
  app.use('/api/detectors', detectorRoutes(catalog, registry, bodyBytes));
  app.use('/api/models', modelRoutes(models));
  app.use('/api/devices', deviceRoutes(deps.devices ?? devicePlaces(), config.sources.allow));
  app.use('/api/events', eventRoutes(hub, connections));
  app.use('/live', annotationRoutes(registry, connections));
  for (const { path, router } of deps.routers ?? []) app.use(path, router);
  app
    .route('/metrics')
    .get((_request, response) => response.type(METRICS_TYPE).send(metricsText({ registry, detector, notifier, version })))
    .all(allow('GET'));
  const description = openApi(version);
  app
    .route('/openapi.json')
    .get((_request, response) => response.json(description))
    .all(allow('GET'));
  app
    .route('/docs')
    .get((_request, response) => response.type('html').send(docsPage(description)))
    .all(allow('GET'));
  app.use(pageRoutes(deps.clientDir));
  app.use(nothingHere);
  app.use(errorHandler(logger));
  return { app, close: () => hub.close() };
}

function refusing(check: (request: Parameters<RequestHandler>[0]) => Error | undefined): RequestHandler {
  return (request, _response, next) => next(check(request));
}

/** Logs one line per request, without its query, which may contain a token. */
function logged(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    const { method, path } = request;
    response.once('close', () => {
      logger.debug({ method, path, status: response.statusCode, ms: Math.round(performance.now() - startedAt) }, 'request');
    });
    next();
  };
}
