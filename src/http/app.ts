import express, { type Express, type RequestHandler } from 'express';
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
import { Metrics } from './metrics.ts';
import { openApi } from './openapi.ts';
import { HTTP_ROUTES } from './api.ts';
import { ConnectionLimit } from './connection-limit.ts';
import { mount } from './mount.ts';
import { bound, type BoundRoute } from './route.ts';
import type { ReadinessCheck } from './routes/operation.ts';
import { pageRoutes } from './routes/pages.ts';

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
  /** Routes of other parts, such as WHEP; they throw Refusal or ProblemError. What is not public must lie below `/api` or `/live`. */
  readonly routes?: readonly BoundRoute[];
}

/** The HTTP application. */
export interface HttpApp {
  readonly app: Express;
  /** Everything that is mounted but for pages. */
  readonly routes: readonly BoundRoute[];
  /** Ends long-lived connections. Idempotent. */
  close(): void;
}

/** Everything that answers HTTP requests, in order: access, resources, errors. */
export function createHttpApp(deps: HttpDeps): HttpApp {
  const { config, logger, registry, catalog, models, readiness, guard, version } = deps;
  const { bodyBytes, eventClients } = config.limits;
  const hub = new EventHub(registry);
  const metrics = new Metrics(deps);
  const further = deps.routes ?? [];
  const own = bound(HTTP_ROUTES, {
    registry,
    catalog,
    models,
    readiness,
    hub,
    connections: new ConnectionLimit(eventClients),
    devices: deps.devices ?? devicePlaces(),
    schemes: config.sources.allow,
    metrics,
    description: openApi([...HTTP_ROUTES, ...further], version),
  });
  const routes = [...own, ...further];
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');

  app.use(logged(logger), metrics.timing, securityHeaders, refusing((request) => guard.checkHost(request)), crossOrigin(guard));
  app.use(['/api', '/live', '/metrics'], refusing((request) => (request.method === 'OPTIONS' ? undefined : guard.check(request))));

  mount(app, routes, { bodyBytes });
  app.use(pageRoutes(deps.clientDir));
  app.use(nothingHere);
  app.use(errorHandler(logger));
  return { app, routes, close: () => hub.close() };
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
