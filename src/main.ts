/** Composition root: creates everything, and closes it in reverse order. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError } from './config/errors.ts';
import { loadConfig, type LoadedConfig } from './config/load.ts';
import { createHttpApp } from './http/app.ts';
import { Guard } from './http/guard.ts';
import { bound } from './http/route.ts';
import { HttpServer, ListenError } from './http/server.ts';
import { WorkerUpgrades } from './http/worker-upgrades.ts';
import { Notifier } from './notify/notifier.ts';
import { ModelShelf, ModelStore } from './models/index.ts';
import { PublishKeys } from './rtmp/publish-keys.ts';
import { RtmpServer } from './rtmp/rtmp-server.ts';
import { Sfu } from './sfu/sfu.ts';
import { Log } from './log.ts';
import { liveStreams } from './signaling/registry-streams.ts';
import { Publications } from './publishing/publications.ts';
import { SignalingServer } from './signaling/server.ts';
import { whepRoutes } from './signaling/whep-routes.ts';
import { whep } from './signaling/whep.ts';
import { whipRoutes } from './signaling/whip-routes.ts';
import { whip } from './signaling/whip.ts';
import { createControl } from './streams/control.ts';
import { SandboxError } from './processes/sandbox/sandbox.ts';
import { openDatabase, StoreError } from './store/database.ts';

const ROOT = join(import.meta.dirname, '..');
/** Interval of the check that the launcher is still running, in milliseconds. */
const LAUNCHER_CHECK_MS = 500;
/** Milliseconds after which an orderly shutdown is given up: everything must have ended within 10 s of a signal. */
const CLOSE_LIMIT_MS = 9000;

const { values } = parseArgs({ options: { config: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
if (values.help === true) {
  process.stdout.write('npm start -- [--config FILE]\n\nSettings: docs/configuration.md\n');
  process.exit(0);
}

const loaded = configuration();
const log = new Log(loaded.config.log);
const { logger } = log;
await serve(loaded).catch(async (error: unknown) => {
  const expected = error instanceof ListenError || error instanceof StoreError || error instanceof SandboxError || error instanceof ConfigError;
  if (expected) process.stderr.write(`\nframelock: ${error.message}\n`);
  else logger.fatal({ err: error }, 'the server could not start');
  await log.close();
  process.exit(1);
});

async function serve({ config, file, warnings }: LoadedConfig): Promise<void> {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  logger.info({ version, node: process.versions.node, config: file ?? 'defaults' }, 'Framelock starts');
  for (const warning of warnings) logger.warn(warning);

  const closers: (() => void | Promise<void>)[] = [];
  endOnSignals(closers);

  const database = openDatabase(config.dataDir, logger);
  closers.push(() => database.close());
  const models = await ModelShelf.open(new ModelStore({ bundledDir: join(ROOT, 'models'), dataDir: config.dataDir, extraDir: config.modelsDir }), logger);
  const { port, listen, announcedAddress, iceServers } = config.webrtc;
  const sfu = await Sfu.create({
    workers: config.sfu.workers === 'auto' ? availableParallelism() : config.sfu.workers,
    webrtc: { port, listenIps: [listen], announcedAddress },
    logger,
  });
  closers.push(() => sfu.close());
  const control = createControl({ config, database, logger, models, sfu });
  closers.push(() => control.close());
  const notifier = new Notifier({ registry: control.registry, webhooks: config.webhooks, mqtt: config.mqtt, logger });
  closers.push(() => notifier.close());

  let streamsStarted = false;
  const guard = new Guard(config);
  const streams = liveStreams(control.registry);
  const publications = new Publications({ sfu, registry: control.registry, settings: config.publish, logger });
  closers.push(() => publications.close());
  const keys = new PublishKeys({ token: config.auth.token, keyOf: (id) => control.registry.publishKey(id) });
  const rtmp = new RtmpServer({ settings: config.rtmp, publications, keys, logger });
  closers.push(() => rtmp.close());
  const sessions = { sfu, iceServers, logger };
  const app = createHttpApp({
    config,
    logger,
    registry: control.registry,
    catalog: control.catalog,
    models,
    detector: control.detector,
    notifier,
    guard,
    readiness: () => [
      { name: 'sfu', ready: sfu.ready, detail: sfu.ready ? 'running' : 'a media worker is being started again' },
      { name: 'detector', ready: control.detector.state === 'ready', detail: control.detector.state },
      { name: 'streams', ready: streamsStarted, detail: streamsStarted ? 'started' : 'being started' },
    ],
    clientDir: join(ROOT, 'client', 'dist'),
    version,
    routes: [...bound(whepRoutes, whep({ ...sessions, streams })), ...bound(whipRoutes, whip({ ...sessions, publications }))],
  });
  const http = new HttpServer(app.app);
  closers.push(() => http.close());
  // Before the server, which would wait for long-lived connections.
  closers.push(() => app.close());
  const workers = new WorkerUpgrades({ guard, registry: control.registry, catalog: control.catalog, external: control.external });
  const signaling = new SignalingServer({
    server: http.server,
    sfu,
    streams,
    iceServers,
    logger,
    refuse: (request) => guard.check(request),
    elsewhere: (request, socket, head) => workers.take(request, socket, head),
  });
  closers.push(() => signaling.close());

  const url = await http.listen(config.http);
  await control.start();
  streamsStarted = true;
  if (config.rtmp.enabled) await rtmp.start();
  if (config.detection.download) void models.fetchDefault();
  logger.info({ url, webrtcPort: port }, `Framelock serves at ${url}`);
}

function configuration(): LoadedConfig {
  try {
    return loadConfig({ path: values.config, env: process.env, cwd: process.cwd(), terminal: process.stdout.isTTY });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`\nframelock: ${error.message}\n`);
    process.exit(1);
  }
}

/** Closes everything in reverse order, once, on a signal or when the launcher is gone. */
function endOnSignals(closers: (() => void | Promise<void>)[]): void {
  let ending = false;
  const end = async (reason: string): Promise<void> => {
    if (ending) return;
    ending = true;
    logger.info({ reason }, 'Framelock ends');
    setTimeout(() => process.exit(1), CLOSE_LIMIT_MS).unref();
    for (const close of closers.reverse()) await close();
    await log.close();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end(signal));
  const launcher = Number(process.env['FRAMELOCK_LAUNCHER_PID']);
  if (!Number.isInteger(launcher) || launcher <= 0) return;
  setInterval(() => {
    if (process.ppid !== launcher) void end('the launcher is gone');
  }, LAUNCHER_CHECK_MS).unref();
}
