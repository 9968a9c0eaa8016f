/**
 * Entry of the detector process: owns the models of all streams. Its argument is a `DetectorOptions`, what it tells its parent a
 * `DetectorEvent`; stream processes talk to it over its unix socket (`protocol.ts`).
 */
import { getPriority, setPriority } from 'node:os';
import { pino } from 'pino';
import { watchParent } from '../parent-watch.ts';
import { DetectorCommand, DetectorOptions, type DetectorEvent } from './detector-events.ts';
import { listenForFrames } from './detector-connection.ts';
import { ModelProbe, probeProviders } from './model-probe.ts';
import { ModelRegistry } from './model-registry.ts';
import { ProviderTrials } from './providers/provider-trials.ts';
import { isOnTrial } from './providers/providers.ts';

const STATS_INTERVAL_MS = 1000;
/** Nice value: where the CPU is short, detections get fewer before video suffers. Threads that are started later inherit it. */
const NICE = 5;

watchParent();
setPriority(Math.max(NICE, getPriority()));
const logger = pino({ level: process.env['FRAMELOCK_LOG_LEVEL'] ?? 'info', base: null });
const options = DetectorOptions.parse(JSON.parse(process.argv[2] ?? '{}'));

// Looking for providers may take long, and the parent waits for a sign of life.
const alive = setInterval(() => send({ type: 'stats', models: [] }), STATS_INTERVAL_MS);
// Those on trial are tried with a model, once it is loaded: nothing waits for them.
const { works, skipped } = await probeProviders(options.providers.filter((provider) => !isOnTrial(provider)));
clearInterval(alive);
for (const { provider, reason } of skipped) logger.info({ provider, reason }, 'an execution provider does not work here');

const registry = new ModelRegistry({
  threads: options.threads,
  providers: [...options.providers, 'cpu'].filter((provider, at, all) => all.indexOf(provider) === at && (works.includes(provider) || isOnTrial(provider))),
  evenSlower: !options.providers.includes('cpu'),
  passedOver: skipped,
  trials: new ProviderTrials({ cacheDir: options.cacheDir }),
  maxBatch: options.maxBatch,
  batchDelayMs: options.batchDelayMs,
  probe: new ModelProbe({ cacheDir: options.cacheDir }),
  logger,
  // A thread that is stuck in native code can't be ended, and `process.exit` would wait for it.
  onHang: () => process.kill(process.pid, 'SIGKILL'),
});
const server = await listenForFrames(options.socket, registry, logger);
const stats = setInterval(() => send({ type: 'stats', models: registry.takeStats() }), STATS_INTERVAL_MS);

process.on('message', (message) => {
  if (DetectorCommand.safeParse(message).success) void close();
});
process.once('SIGTERM', () => void close());
// Ctrl-C reaches the whole group of processes; the parent decides what it means.
process.on('SIGINT', () => undefined);
logger.info({ providers: works, threads: options.threads }, 'detector process ready');
send({ type: 'ready', providers: works });

async function close(): Promise<void> {
  clearInterval(stats);
  await server.close();
  await registry.close();
  process.exit(0);
}

/** A parent that is gone is noticed by the watch; until then nothing may be thrown here. */
function send(event: DetectorEvent): void {
  if (process.connected) process.send?.(event, undefined, undefined, () => undefined);
}
