import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { pino, type Logger } from 'pino';
import { loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import { createHttpApp, type HttpApp, type HttpDeps } from '../../src/http/app.ts';
import { Guard } from '../../src/http/guard.ts';
import { HttpServer } from '../../src/http/server.ts';
import type { ShelfModel } from '../../src/models/index.ts';
import { Notifier } from '../../src/notify/notifier.ts';
import type { AnnotationMessage } from '../../src/pipeline/annotation.ts';
import type { ResolvedModel } from '../../src/pipeline/detect/spec.ts';
import type { OutputLeases } from '../../src/pipeline/ipc/outputs.ts';
import { renditionKey, type RenditionSpec } from '../../src/pipeline/media/info.ts';
import type { RtpTarget } from '../../src/pipeline/rtp/target.ts';
import { openDatabase } from '../../src/store/database.ts';
import { createControl, type Control } from '../../src/streams/control.ts';
import type { ModelsPort } from '../../src/detectors/ports.ts';
import type { BroadcastPort, SfuPort } from '../../src/streams/ports.ts';
import type { ProcessTiming } from '../../src/processes/timing.ts';

export const FAKE_STREAM = fileURLToPath(new URL('fake-stream-process.ts', import.meta.url));
export const FAKE_DETECTOR = fileURLToPath(new URL('fake-detector-process.ts', import.meta.url));

/** Supervision as quick as a busy machine allows: a fake that is not let run for a while is not silent. */
export const QUICK: ProcessTiming = {
  startLimitMs: 60_000,
  silenceMs: 5000,
  tickMs: 100,
  healthyMs: 60_000,
  backoffFirstMs: 10,
  backoffMostMs: 50,
};

/** An RTP target that nobody listens on. */
export const TARGET: RtpTarget = {
  host: '127.0.0.1',
  port: 9,
  ssrc: 1234,
  payloadType: 108,
  extensions: { absCaptureTime: 1, playoutDelay: 2 },
};

/** What streams are asked to make. */
export const ANNOTATED: RenditionSpec = { variant: 'annotated', codec: 'H264' };
export const CLEAN: RenditionSpec = { variant: 'clean', codec: 'H264' };

/** Stands in for the SFU's side of one stream. */
export class StandInBroadcast extends EventEmitter<{
  viewers: [number];
  publisher: [];
  announced: [AnnotationMessage];
}> implements BroadcastPort {
  viewers = 0;
  closed = false;
  readonly forwarding = false;
  readonly forwardedBitrate = 0;
  readonly published = undefined;
  readonly #renditions = new Map<string, () => void>();
  #leases: OutputLeases | undefined;

  supply(leases: OutputLeases): void {
    this.#leases = leases;
  }

  /** Leases a rendition to this target, rather than to the one before. */
  start(rendition: RenditionSpec, target: RtpTarget): void {
    const key = renditionKey(rendition);
    const before = this.#renditions.get(key);
    this.#renditions.set(key, this.#leases!.lease({ of: 'video', rendition, sink: { type: 'rtp', target } }));
    before?.();
  }

  /** Ends the lease of a rendition; idempotent. */
  stop(rendition: RenditionSpec): void {
    this.#renditions.get(renditionKey(rendition))?.();
  }

  tap(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  setNative(): void {
    // It sends nothing.
  }

  allowForwarding(): void {
    // It never does.
  }

  announce(message: AnnotationMessage): void {
    this.emit('announced', message);
  }

  close(): void {
    this.closed = true;
  }

  setViewers(viewers: number): void {
    this.viewers = viewers;
    this.emit('viewers', viewers);
  }
}

/** Stands in for the SFU. */
export class StandInSfu implements SfuPort {
  readonly broadcasts = new Map<string, StandInBroadcast>();

  broadcast(stream: string): StandInBroadcast {
    const old = this.broadcasts.get(stream);
    if (old !== undefined && !old.closed) return old;
    const fresh = new StandInBroadcast();
    this.broadcasts.set(stream, fresh);
    return fresh;
  }
}

/** Stands in for the models: some that can be loaded, and one that has to be fetched first. */
export class StandInModels extends EventEmitter<{ changed: [] }> implements ModelsPort {
  readonly defaults = { demo: 'street-nano', other: 'yolox-nano' };
  readonly models: ShelfModel[] = [
    { name: 'street-nano', origin: 'bundled', state: 'ready' },
    { name: 'yolox-nano', origin: 'bundled', state: 'ready' },
    { name: 'deimv2-femto', origin: 'bundled', state: 'not-downloaded' },
  ];
  /** Models that the next look finds. */
  readonly unseen: ShelfModel[] = [];

  list(): readonly ShelfModel[] {
    return this.models;
  }

  refresh(): Promise<void> {
    this.models.push(...this.unseen.splice(0));
    return Promise.resolve();
  }

  resolve(name: string): Promise<ResolvedModel> {
    const model = this.models.find((each) => each.name === name);
    if (model?.state === 'ready') return Promise.resolve(resolvedModel(name));
    const error = new Error(`The file of ${name} is not here. Fetch it: npx framelock models get ${name}`);
    return Promise.reject(Object.assign(error, { code: 'model-not-downloaded' }));
  }

  fetch(name: string): void {
    const index = this.models.findIndex((each) => each.name === name);
    this.models[index] = { name, origin: 'bundled', state: 'ready' };
    this.emit('changed');
  }
}

/** A model that could be loaded, if its file were there. */
export function resolvedModel(name: string): ResolvedModel {
  return {
    name,
    file: `/nowhere/${name}.onnx`,
    manifest: {
      name,
      family: 'yolox',
      file: `${name}.onnx`,
      input: {
        width: 416,
        height: 416,
        color: 'bgr',
        layout: 'nchw',
        resize: 'letterbox',
        anchor: 'top-left',
        pad: 114,
        scale: 1,
        mean: [0, 0, 0],
        std: [1, 1, 1],
      },
      labels: ['person'],
      threshold: 0.3,
    },
  };
}

/** One line of the log. */
export type LogRecord = Record<string, unknown> & { level: number; msg?: string };

/** A log that can be read and waited on. */
export class TestLog extends EventEmitter<{ record: [LogRecord] }> {
  readonly records: LogRecord[] = [];
  readonly logger: Logger;

  constructor() {
    super();
    this.setMaxListeners(0);
    const sink = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        const record = JSON.parse(chunk.toString()) as LogRecord;
        this.records.push(record);
        this.emit('record', record);
        done();
      },
    });
    this.logger = pino({ level: 'debug', base: null }, sink);
  }

  get text(): string {
    return this.records.map((record) => JSON.stringify(record)).join('\n');
  }

  /** What fake stream processes were told, in order. */
  told(stream?: string): Record<string, unknown>[] {
    return this.records
      .filter((record) => record.msg === 'told' && (stream === undefined || record['stream'] === stream))
      .map((record) => record['command'] as Record<string, unknown>);
  }

  /** The first record, of the past or to come, that is meant. */
  async find(meant: (record: LogRecord) => boolean): Promise<LogRecord> {
    for (let from = 0; ; ) {
      const found = this.records.slice(from).find(meant);
      if (found !== undefined) return found;
      from = this.records.length;
      await once(this, 'record');
    }
  }

  /** The first command of a kind that a stream's fake process was told. */
  async findTold(stream: string, type: string): Promise<Record<string, unknown>> {
    const record = await this.find(
      (each) => each.msg === 'told' && each['stream'] === stream && (each['command'] as { type: string }).type === type,
    );
    return record['command'] as Record<string, unknown>;
  }
}

/** Waits of webhooks, in ms. */
const QUICK_RETRY = { firstRetryMs: 20, mostRetryMs: 40 };

/** How a test server differs from one without configuration. */
export interface TestServerInit {
  readonly env?: NodeJS.ProcessEnv;
  readonly config?: Partial<Config>;
  /** Kept when the server closes, and used again by the next. */
  readonly dataDir?: string;
  readonly routes?: HttpDeps['routes'];
  readonly clientDir?: string;
  readonly devices?: HttpDeps['devices'];
}

/** A real HTTP server over real control code; SFU and models are stand-ins, the processes fakes. */
export interface TestServer {
  readonly url: string;
  readonly config: Config;
  readonly control: Control;
  readonly sfu: StandInSfu;
  readonly models: StandInModels;
  readonly log: TestLog;
  readonly http: HttpServer;
  readonly app: HttpApp;
  close(): Promise<void>;
}

/** A folder that is there until `remove` is called. */
export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'framelock-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export async function startServer({ env = {}, config: changes = {}, dataDir, routes, clientDir, devices }: TestServerInit = {}): Promise<TestServer> {
  const folder = dataDir === undefined ? await temporaryFolder() : undefined;
  const cwd = dataDir ?? folder?.path ?? '';
  const { config: loaded } = loadConfig({ env: { FRAMELOCK_HTTP_PORT: '0', ...env }, cwd });
  const config: Config = { ...loaded, ...changes };
  const log = new TestLog();
  const sfu = new StandInSfu();
  const models = new StandInModels();
  const entries = { stream: FAKE_STREAM, detector: FAKE_DETECTOR };
  const database = openDatabase(config.dataDir, log.logger);
  const control = createControl({ config, database, logger: log.logger, models, sfu, entries, timing: QUICK });
  const notifier = new Notifier({ registry: control.registry, webhooks: config.webhooks, mqtt: config.mqtt, logger: log.logger, timing: QUICK_RETRY });
  const app = createHttpApp({
    config,
    logger: log.logger,
    registry: control.registry,
    catalog: control.catalog,
    models,
    detector: control.detector,
    notifier,
    guard: new Guard(config),
    readiness: () => [{ name: 'detector', ready: control.detector.state === 'ready', detail: control.detector.state }],
    clientDir: clientDir ?? join(cwd, 'no-client'),
    version: '0.0.0',
    ...(routes === undefined ? {} : { routes }),
    ...(devices === undefined ? {} : { devices }),
  });
  const http = new HttpServer(app.app);
  const url = await http.listen(config.http);
  await control.start();
  const close = async (): Promise<void> => {
    app.close();
    await http.close();
    await notifier.close();
    await control.close();
    database.close();
    await folder?.remove();
  };
  return { url, config, control, sfu, models, log, http, app, close };
}
