import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import type { Config } from '../config/schema.ts';
import type { StreamChanges, StreamDefinition } from '../config/stream-definition.ts';
import type { SceneEvent } from '../pipeline/analytics/events.ts';
import type { AnnotationMessage } from '../pipeline/annotation.ts';
import type { CountStore } from '../store/counts.ts';
import type { Definitions } from '../store/definitions.ts';
import { DefinitionResolver } from './definition-resolver.ts';
import type { DetectorCatalog, ResolvedDetectors } from '../detectors/detector-catalog.ts';
import { showCounts, type CountsSpan, type CountsView } from './counts-view.ts';
import { EventGate } from './event-gate.ts';
import { Exclusive } from '../util/exclusive.ts';
import { Refusal } from '../util/refusal.ts';
import { MissingModels } from '../detectors/missing-models.ts';
import type { ModelsPort } from '../detectors/ports.ts';
import type { BroadcastPort, SfuPort } from './ports.ts';
import { showStream } from './show.ts';
import type { StreamEntry } from './stream-entry.ts';
import { changedDefinition, isDemo } from './stream-settings.ts';
import { Stream } from './stream.ts';
import type { StreamProgram } from './stream-process.ts';
import type { ProcessTiming } from '../processes/timing.ts';
import type { StreamView } from './view.ts';

/** What a {@link StreamRegistry} is made from. */
export interface StreamRegistryInit {
  readonly config: Config;
  readonly definitions: Definitions<StreamDefinition>;
  readonly counts: CountStore;
  readonly catalog: DetectorCatalog;
  readonly models: ModelsPort;
  readonly sfu: SfuPort;
  /** Path of the detector process's unix socket. */
  readonly detectorSocket: string;
  readonly logger: Logger;
  readonly program: StreamProgram;
  readonly timing?: Partial<ProcessTiming> | undefined;
}

/** A stream with everything that belongs to it. */
interface Managed {
  entry: StreamEntry;
  resolved: ResolvedDetectors;
  readonly stream: Stream;
  readonly broadcast: BroadcastPort;
}

interface StreamRegistryEvents {
  added: [id: string];
  /** Anything that {@link StreamRegistry.get} shows. */
  changed: [id: string];
  /** With the last view of the stream. */
  removed: [StreamView];
  /** Its state, or whether it has audio; emitted before `changed` for the same event. */
  state: [id: string];
  /** Events in zones and on lines of one stream; rate-limited. */
  scene: [id: string, events: readonly SceneEvent[]];
}

/** All streams: their definitions, which are stored, and the running streams. Changes of one stream are serialised. */
export class StreamRegistry extends EventEmitter<StreamRegistryEvents> {
  readonly #init: StreamRegistryInit;
  readonly #streams = new Map<string, Managed>();
  readonly #exclusive = new Exclusive();
  readonly #resolver: DefinitionResolver;
  readonly #missing: MissingModels;
  /** Streams that are being written to the store. */
  #adding = 0;
  /** Whether it was logged that certificates are not verified. */
  #saidUnverified = false;
  #closed = false;

  constructor(init: StreamRegistryInit) {
    super();
    // Every signalling session and event stream adds a listener.
    this.setMaxListeners(0);
    this.#init = init;
    init.catalog.on('changed', () => this.#refresh(this.#streams.keys()));
    this.#resolver = new DefinitionResolver(init);
    this.#missing = new MissingModels({
      models: init.models,
      streams: () => [...this.#streams].map(([id, { resolved }]) => ({ id, resolved })),
      looked: (ids) => this.#refresh(ids),
      logger: init.logger,
    });
  }

  /** Starts every stream that is defined. */
  async start(): Promise<void> {
    await Promise.all(
      this.#init.definitions.list().map((entry) =>
        this.#exclusive.run(entry.value.id, async () => {
          this.#create(entry, await this.#resolver.resolve(entry.value));
        }),
      ),
    );
  }

  list(): StreamView[] {
    return [...this.#streams.values()].map((managed) => this.#show(managed));
  }

  /** @throws Refusal `stream-not-found` */
  get(id: string): StreamView {
    return this.#show(this.#find(id));
  }

  /** The running stream; undefined if there is none. */
  stream(id: string): Stream | undefined {
    return this.#streams.get(id)?.stream;
  }

  /** The publish key of a stream; undefined if it has none or does not exist. */
  publishKey(id: string): string | undefined {
    return this.#streams.get(id)?.entry.value.publishKey;
  }

  /** @throws Refusal `stream-exists`, `too-many-streams`, `invalid` */
  add(definition: StreamDefinition): Promise<StreamView> {
    return this.#add(definition, () => this.#init.definitions.put(definition));
  }

  /** Adds a stream that is not stored: it lasts until it is removed or the server shuts down. @throws as {@link add} */
  addTransient(definition: StreamDefinition): Promise<StreamView> {
    return this.#add(definition, () => Promise.resolve({ value: definition, origin: 'publisher', createdAt: Date.now() }));
  }

  /** @throws Refusal `stream-not-found`, `invalid` */
  async change(id: string, changes: StreamChanges): Promise<StreamView> {
    return this.#exclusive.run(id, async () => {
      const managed = this.#find(id);
      const definition = changedDefinition(managed.entry.value, changes);
      await this.#resolver.check(definition);
      const resolved = await this.#resolver.resolve(definition);
      this.#assertOpen();
      managed.entry = managed.entry.origin === 'publisher' ? { ...managed.entry, value: definition } : await this.#init.definitions.put(definition);
      if (!this.#closed) this.#configure(managed, resolved);
      return this.#show(managed);
    });
  }

  /** Settles when its process has exited. @throws Refusal `stream-not-found` */
  async remove(id: string): Promise<void> {
    await this.#exclusive.run(id, async () => {
      const managed = this.#find(id);
      await this.#init.definitions.delete(id);
      const last = this.#show(managed);
      this.#streams.delete(id);
      this.#spare();
      this.emit('removed', { ...last, state: 'stopped' });
      await end(managed);
      await this.#init.counts.reset(id);
    });
  }

  /** The counts of the zones and lines of a stream. @throws Refusal `stream-not-found` */
  async counts(id: string, span: CountsSpan): Promise<CountsView> {
    const { zones, lines } = this.#find(id).stream.settings;
    const names = (shapes: readonly { name: string }[]): string[] => shapes.map(({ name }) => name);
    return showCounts(id, span, { zones: names(zones), lines: names(lines) }, await this.#init.counts.read(id, span));
  }

  /** Deletes the counts of the zones and lines of a stream. @throws Refusal `stream-not-found` */
  async resetCounts(id: string): Promise<void> {
    const { stream } = this.#find(id);
    await this.#init.counts.reset(id);
    stream.resetCounts();
  }

  /** Retries now. @throws Refusal `stream-not-found` */
  retry(id: string): StreamView {
    const managed = this.#find(id);
    managed.stream.retry();
    return this.#show(managed);
  }

  /** The ground truth of a generated frame. @throws Refusal `stream-not-found`, `no-truth`, `stream-unavailable` */
  async truth(id: string, seq: number): Promise<AnnotationMessage> {
    const { entry, stream } = this.#find(id);
    if (!isDemo(entry.value)) throw new Refusal('no-truth', 'Only generated scenes (demo://) know the truth about their frames.');
    const message = await stream.truth(seq);
    if (message === null) throw new Refusal('no-truth', `Frame ${seq} is not one of the last 600 frames of “${id}”.`);
    return message;
  }

  /** The streams that name a detector. */
  usersOf(detector: string): string[] {
    return [...this.#streams].filter(([, { entry }]) => this.#resolver.references(entry.value).includes(detector)).map(([id]) => id);
  }

  /** The detectors that workers may connect to: those of the catalogue, and those defined in streams. */
  workerDetectors(): string[] {
    const inPlace = [...this.#streams.values()].flatMap(({ entry }) => this.#resolver.references(entry.value).filter((one) => typeof one !== 'string'));
    return [...this.#init.catalog.list(), ...inPlace].filter(({ endpoint }) => endpoint === 'worker').map(({ name }) => name);
  }

  /** Ends all streams, within 3 s. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#missing.close();
    const all = [...this.#streams.values()];
    await Promise.all([...all.map(end), this.#init.program.spare?.close()]);
  }

  async #add(definition: StreamDefinition, keep: () => Promise<StreamEntry>): Promise<StreamView> {
    const { id } = definition;
    return this.#exclusive.run(id, async () => {
      this.#assertOpen();
      if (this.#streams.has(id)) throw new Refusal('stream-exists', `There is a stream “${id}” already.`);
      await this.#resolver.check(definition);
      const resolved = await this.#resolver.resolve(definition);
      this.#assertOpen();
      const { limits } = this.#init.config;
      if (this.#streams.size + this.#adding >= limits.streams) {
        throw new Refusal('too-many-streams', `There are ${limits.streams} streams already, which is the most that limits.streams allows.`);
      }
      this.#adding += 1;
      try {
        const entry = await keep();
        this.#assertOpen();
        return this.#show(this.#create(entry, resolved));
      } finally {
        this.#adding -= 1;
      }
    });
  }

  #sayUnverified({ source }: StreamDefinition): void {
    const { config, logger } = this.#init;
    if (this.#saidUnverified || config.sources.tls.verify || !/^(https|rtsps|rtmps):/i.test(source)) return;
    this.#saidUnverified = true;
    logger.info('the certificates of sources are not verified; sources.tls.verify lets them be');
  }

  #create(entry: StreamEntry, resolved: ResolvedDetectors): Managed {
    const { id } = entry.value;
    const broadcast = this.#init.sfu.broadcast(id);
    const { logger, program, timing } = this.#init;
    const lineTotals = (): ReturnType<CountStore['lineTotals']> => this.#init.counts.lineTotals(id);
    this.#sayUnverified(entry.value);
    const stream = new Stream({ id, settings: this.#resolver.settings(entry.value, resolved), broadcast, lineTotals, logger, program, timing });
    const managed: Managed = { entry, resolved, stream, broadcast };
    this.#streams.set(id, managed);
    stream.on('status', () => {
      this.#spare();
      this.emit('state', id);
      this.#changed(id);
    });
    stream.on('audio', () => {
      this.emit('state', id);
      this.#changed(id);
    });
    stream.on('changed', () => this.#changed(id));
    const gate = new EventGate();
    stream.on('scene', (events) => {
      this.#init.counts.add(id, events);
      const passed = gate.pass(events);
      if (passed.length > 0) this.emit('scene', id, passed);
    });
    this.#spare();
    this.emit('added', id);
    return managed;
  }

  #configure(managed: Managed, resolved: ResolvedDetectors): void {
    managed.resolved = resolved;
    managed.stream.configure(this.#resolver.settings(managed.entry.value, resolved));
    this.#changed(managed.stream.id);
  }

  /** Resolves the detectors of streams again, after a detector or model has changed. */
  #refresh(ids: Iterable<string>): void {
    for (const id of ids) {
      this.#exclusive
        .run(id, async () => {
          const managed = this.#streams.get(id);
          if (managed === undefined || this.#closed) return;
          const resolved = await this.#resolver.resolve(managed.entry.value);
          if (!this.#closed) this.#configure(managed, resolved);
        })
        .catch((error: unknown) => this.#init.logger.error({ err: error, stream: id }, 'the detectors of a stream can’t be brought up to date'));
    }
  }

  #show({ stream, entry, resolved }: Managed): StreamView {
    return showStream({ stream, entry, detectors: this.#resolver.references(entry.value), unresolved: resolved.unresolved });
  }

  #find(id: string): Managed {
    const managed = this.#streams.get(id);
    if (managed === undefined) throw new Refusal('stream-not-found', 'There is no such stream.');
    return managed;
  }

  /** One process waits while a stream on demand does. */
  #spare(): void {
    const { spare } = this.#init.program;
    if (spare !== undefined) spare.wanted = [...this.#streams.values()].some(({ stream }) => stream.status.state === 'idle');
  }

  #changed(id: string): void {
    if (this.#streams.has(id)) this.emit('changed', id);
  }

  #assertOpen(): void {
    if (this.#closed) throw new Refusal('stream-unavailable', 'The server is ending.');
  }
}

async function end({ stream, broadcast }: Managed): Promise<void> {
  broadcast.close();
  await stream.close();
}
