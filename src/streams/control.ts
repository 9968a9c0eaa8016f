import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Logger } from 'pino';
import { ConfigError, type ConfigProblem } from '../config/errors.ts';
import type { Config } from '../config/schema.ts';
import { DetectorDefinition, StreamDefinition } from '../config/stream-definition.ts';
import { probeCache } from '../models/index.ts';
import { CountStore } from '../store/counts.ts';
import { Definitions } from '../store/definitions.ts';
import { allocatorEnvironment } from '../processes/allocator-environment.ts';
import { CodeCache } from '../processes/code-cache.ts';
import { STREAM_HEAP_FLAGS } from '../processes/heap-flags.ts';
import { DetectorCatalog } from '../detectors/detector-catalog.ts';
import { DetectorHost } from '../detectors/detector-host.ts';
import { ExternalHost } from '../detectors/external-host.ts';
import type { ModelsPort } from '../detectors/ports.ts';
import type { SfuPort } from './ports.ts';
import { StreamRegistry } from './registry.ts';
import { streamGrants } from '../processes/sandbox/grants.ts';
import { Sandbox } from '../processes/sandbox/sandbox.ts';
import { SpareProcess } from './spare-process.ts';
import { STREAM_PROCESS } from './stream-process.ts';
import type { ProcessTiming } from '../processes/timing.ts';

/** What {@link createControl} wires together. */
export interface ControlInit {
  readonly config: Config;
  /** Not closed here. */
  readonly database: DatabaseSync;
  readonly logger: Logger;
  readonly models: ModelsPort;
  readonly sfu: SfuPort;
  /** Main modules of the processes; left out, the real ones. */
  readonly entries?: { readonly stream?: string; readonly detector?: string; readonly external?: string };
  readonly timing?: Partial<ProcessTiming>;
}

/** The control side of streams: definitions, running streams, and the detector processes. */
export interface Control {
  readonly catalog: DetectorCatalog;
  readonly detector: DetectorHost;
  readonly external: ExternalHost;
  readonly registry: StreamRegistry;
  readonly counts: CountStore;
  /** Starts every stream that is defined. */
  start(): Promise<void>;
  /** Ends streams, then the detector processes, then writes what was counted. Idempotent; takes 6 s at most. */
  close(): Promise<void>;
}

/**
 * Prepares streams and detectors; nothing of a stream runs before `start`.
 * @throws SandboxError if stream processes must be confined and can’t be
 * @throws ConfigError if the configuration names models or detectors that do not exist
 */
export function createControl({ config, database, logger, models, sfu, entries = {}, timing }: ControlInit): Control {
  const entry = entries.stream ?? STREAM_PROCESS;
  const { caFile } = config.sources.tls;
  const trusted = caFile === undefined ? [] : [caFile];
  const sandbox = Sandbox.open(config.sources.sandbox, logger);
  const external = new ExternalHost({ logger, entry: entries.external, timing });
  const ending = new AbortController();
  try {
    const codeCache = new CodeCache(join(config.dataDir, 'cache', 'code'), logger);
    const detectors = new Definitions({
      database,
      kind: 'detector',
      schema: DetectorDefinition,
      idOf: ({ name }) => name,
      configured: Object.entries(config.detectors).map(([name, settings]) => ({ name, ...settings })),
      logger,
    });
    const streams = new Definitions({ database, kind: 'stream', schema: StreamDefinition, idOf: ({ id }) => id, configured: config.streams, logger });
    // The process is started only when all names are right.
    let host: DetectorHost | undefined;
    const catalog = new DetectorCatalog({ definitions: detectors, models, external, running: () => host?.models ?? [], schemes: config.sources.allow });
    checkNames(config, catalog);
    const detector = (host = new DetectorHost({ detection: config.detection, cacheDir: probeCache(config.dataDir), logger, entry: entries.detector, timing }));
    const counts = new CountStore({ database, retentionDays: config.counts.retentionDays, logger });
    const launcher = (url: string): readonly string[] => sandbox.around(streamGrants(entry, [...config.mediaRoots, ...trusted, codeCache.folder], url));
    const env = { ...codeCache.env, ...allocatorEnvironment(process.env) };
    const spare = config.sources.spare ? new SpareProcess({ entry, nodeArgs: STREAM_HEAP_FLAGS, launcher: launcher(''), env, logger }) : undefined;
    const registry = new StreamRegistry({
      config,
      definitions: streams,
      counts,
      catalog,
      models,
      sfu,
      detectorSocket: detector.socketPath,
      logger,
      program: { entry, nodeArgs: STREAM_HEAP_FLAGS, launcher, env, spare },
      timing,
    });
    catalog.on('changed', () => external.retain(registry.workerDetectors()));
    let closed: Promise<void> | undefined;
    let compiled: Promise<void> | undefined;
    const start = async (): Promise<void> => {
      compiled ??= codeCache.fill(entry, ending.signal, STREAM_HEAP_FLAGS);
      await registry.start();
    };
    const close = async (): Promise<void> => {
      ending.abort();
      await compiled;
      await registry.close();
      await Promise.all([detector.close(), external.close()]);
      counts.close();
    };
    return { catalog, detector, external, registry, counts, start, close: () => (closed ??= close()) };
  } catch (error) {
    void external.close();
    throw error;
  }
}

/** Checks names in the configuration: the schema can't know which models and detectors exist. */
function checkNames(config: Config, catalog: DetectorCatalog): void {
  const problem = (prefix: string) => ({ path, message }: { path: string; message: string }): ConfigProblem => ({
    origin: 'configuration',
    path: `${prefix}.${path}`,
    message,
  });
  const problems = [
    ...Object.entries(config.detectors).flatMap(([name, settings]) => catalog.checkDefinition(settings).map(problem(`detectors.${name}`))),
    ...config.streams.flatMap(({ detectors = [] }, index) => catalog.check(detectors).map(problem(`streams[${index}]`))),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
}
