import { EventEmitter } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { LineState, SceneEvent } from '../pipeline/analytics/events.ts';
import type { AnnotationMessage } from '../pipeline/annotation.ts';
import type { StreamCommand } from '../pipeline/ipc/commands.ts';
import type { StreamEvent } from '../pipeline/ipc/events.ts';
import type { StreamPlan } from '../pipeline/ipc/plan.ts';
import type { AudioInfo, Variant } from '../pipeline/media/info.ts';
import { parseSourceAddress } from '../pipeline/source/address.ts';
import { Demand } from './demand.ts';
import { Outputs } from './outputs.ts';
import { Refusal } from '../util/refusal.ts';
import type { BroadcastPort } from './ports.ts';
import { PublisherLink } from './publisher-link.ts';
import { StreamHistory } from './stream-history.ts';
import type { StreamProgram } from './stream-process.ts';
import { fixedPart, mayForward, movablePart, type StreamSettings } from './stream-settings.ts';
import type { StreamStatus } from './stream-state.ts';
import { StreamSupervisor } from './stream-supervisor.ts';
import { DEFAULT_TIMING, type ProcessTiming } from '../processes/timing.ts';
import { TruthRequests } from './truth-requests.ts';

/** Publishers' sound, as it is agreed upon with them (RFC 7587). */
const PUBLISHED_AUDIO: AudioInfo = { codec: 'opus', sampleRate: 48_000, channels: 2 };

/** What a {@link Stream} is made from. */
export interface StreamInit {
  readonly id: string;
  readonly settings: StreamSettings;
  readonly broadcast: BroadcastPort;
  /** What its lines have counted before, asked for at each start of its process; left out, nothing. */
  readonly lineTotals?: () => Readonly<Record<string, LineState>>;
  readonly logger: Logger;
  /** Main module of the stream process; left out, the real one. */
  readonly program: StreamProgram;
  readonly timing?: Partial<ProcessTiming> | undefined;
}

interface StreamEvents {
  /** Its state, or the problem or time that goes with it. */
  status: [StreamStatus];
  /** Whether it has sound, and which. */
  audio: [];
  /** Anything else that is shown: video, viewers, measurements. */
  changed: [];
  /** What is known about one frame. */
  annotation: [AnnotationMessage];
  /** What happened in its zones and on its lines. */
  scene: [readonly SceneEvent[]];
}

/** One stream: its settings, what is known of it, and what leads between its process and its side of the broadcast. */
export class Stream extends EventEmitter<StreamEvents> {
  readonly id: string;
  readonly #broadcast: BroadcastPort;
  readonly #lineTotals: () => Readonly<Record<string, LineState>>;
  readonly #demand: Demand;
  readonly #record = new StreamHistory();
  readonly #truths = new TruthRequests();
  readonly #outputs: Outputs;
  readonly #publisher: PublisherLink;
  readonly #supervisor: StreamSupervisor;
  #settings: StreamSettings;

  constructor({ id, settings, broadcast, lineTotals, logger, program, timing }: StreamInit) {
    super();
    // One listener an event stream of annotations.
    this.setMaxListeners(0);
    this.id = id;
    this.#settings = settings;
    this.#broadcast = broadcast;
    this.#lineTotals = lineTotals ?? (() => ({}));
    const log = logger.child({ stream: id });
    const send = (command: StreamCommand): void => this.#supervisor.send(command);
    this.#demand = new Demand(() => this.#supervisor.reconcile());
    this.#supervisor = new StreamSupervisor({
      program,
      needed: () => this.#demand.wanted,
      url: () => this.#settings.url,
      plan: () => this.#plan(),
      record: this.#record,
      logger: log,
      timing: { ...DEFAULT_TIMING, ...timing },
    });
    this.#apply();
    this.#outputs = new Outputs({
      running: () => this.#supervisor.running,
      send,
      firstSequence: (id) => this.#record.nextSequence(id),
      closed: (id) => this.#record.forgetSequence(id),
      changed: () => this.emit('changed'),
    });
    broadcast.supply(this.#outputs);
    this.#publisher = new PublisherLink({ broadcast, send, logger: log });
    this.#follow();
    this.#supervisor.start();
  }

  get status(): StreamStatus {
    return this.#supervisor.status;
  }

  get settings(): StreamSettings {
    return this.#settings;
  }

  /** What was measured, over all of its processes. */
  get record(): Pick<StreamHistory, 'video' | 'stats' | 'dropped' | 'restarts'> {
    return this.#record;
  }

  /** Its sound; undefined where it has none, or none is known of. */
  get audio(): AudioInfo | undefined {
    const { published } = this.#broadcast;
    if (published !== undefined) return published.audio ? PUBLISHED_AUDIO : undefined;
    return this.#record.audio ?? undefined;
  }

  /** Whether it has sound; undefined while that is not known. */
  get audible(): boolean | undefined {
    if (this.audio !== undefined) return true;
    const { kind } = parseSourceAddress(this.#settings.url);
    return kind !== 'publish' && this.#record.audio === undefined ? undefined : false;
  }

  get viewers(): number {
    return this.#broadcast.viewers;
  }

  /** Whether viewers of the clean variant are sent what a publisher sends, without an encode. */
  get forwarding(): boolean {
    return this.#broadcast.forwarding;
  }

  /** Bits a second of what they are sent. */
  get forwardedBitrate(): number {
    return this.#broadcast.forwardedBitrate;
  }

  /** The variants that are being made. */
  get variants(): Variant[] {
    return this.#outputs.variants;
  }

  /** Of its process, while there is one. */
  get pid(): number | undefined {
    return this.#supervisor.pid;
  }

  /** Takes on other settings: without a gap where its process can, by a restart of its process where that can't. */
  configure(settings: StreamSettings): void {
    const old = this.#settings;
    this.#settings = settings;
    this.#apply();
    if (fixedPart(old) !== fixedPart(settings)) {
      this.#record.forgetSource();
      this.#broadcast.setNative(undefined);
      this.emit('audio');
      this.#supervisor.restart();
    } else if (!isDeepStrictEqual(movablePart(old), movablePart(settings))) {
      this.#supervisor.send({ type: 'update', changes: movablePart(settings) });
    }
  }

  /** Somebody is about to watch: a stream on demand starts, and stays for a while. */
  touch(): void {
    this.#demand.touch();
  }

  /** A consumer other than a viewer, such as a recorder or a reader of annotations, needs the stream, until the answer is called. */
  hold(): () => void {
    return this.#demand.hold();
  }

  /**
   * Tells what is known about each frame from now on, until the answer is called. A stream on demand is not woken by it.
   */
  followAnnotations(listener: (message: AnnotationMessage) => void): () => void {
    const release = this.#outputs.leaseAnnotations();
    this.on('annotation', listener);
    return () => {
      this.off('annotation', listener);
      release();
    };
  }

  /** Its lines count from zero. */
  resetCounts(): void {
    this.#supervisor.send({ type: 'reset-counts' });
  }

  /** Tries again now: skips a wait, plays an ended file once more, starts a stream on demand. */
  retry(): void {
    this.#supervisor.retry();
    this.#demand.touch();
  }

  /**
   * The true boxes of a generated frame; null where the frame is not known, or no longer.
   * @throws Refusal `stream-unavailable`
   */
  async truth(seq: number): Promise<AnnotationMessage | null> {
    if (!this.#supervisor.running) throw new Refusal('stream-unavailable', `The stream “${this.id}” does not run right now.`);
    return this.#truths.ask((request) => this.#supervisor.send({ type: 'truth', request, seq }));
  }

  /** Ends its process, within 3 s. Idempotent. The broadcast is closed by whoever made it. */
  async close(): Promise<void> {
    this.#demand.close();
    await this.#supervisor.close();
  }

  /** What of the settings needs no process. */
  #apply(): void {
    const { onDemand, idleAfterMs } = this.#settings;
    this.#demand.configure(onDemand, idleAfterMs);
    this.#broadcast.allowForwarding(mayForward(this.#settings));
  }

  #plan(): StreamPlan {
    const { onDemand: _onDemand, idleAfterMs: _idleAfterMs, ...plan } = this.#settings;
    return { ...plan, stream: this.id, firstSeq: this.#record.nextSeq, lineTotals: this.#lineTotals() };
  }

  #follow(): void {
    this.#supervisor
      .on('status', (status) => this.emit('status', status))
      .on('running', () => this.#outputs.begin())
      .on('event', (event) => this.#onEvent(event))
      .on('over', () => {
        this.#publisher.listen(undefined);
        this.#truths.abandon();
      });
    this.#broadcast.on('publisher', () => this.emit('audio'));
    // Viewers are who needs a stream; a variant goes on for a while after its last one, and is no need of its own.
    this.#broadcast.on('viewers', (viewers) => {
      this.#demand.set('viewers', viewers > 0);
      this.emit('changed');
    });
  }

  #onEvent(event: Exclude<StreamEvent, { type: 'ready' | 'state' }>): void {
    switch (event.type) {
      case 'audio':
        this.#record.note(event);
        this.emit('audio');
        break;
      case 'video':
      case 'stats':
        this.#record.note(event);
        this.emit('changed');
        break;
      case 'native':
        this.#broadcast.setNative(event.codec ?? undefined);
        break;
      case 'progress':
        this.#record.note(event);
        break;
      case 'annotation':
        this.#broadcast.announce(event.message);
        this.emit('annotation', event.message);
        break;
      case 'scene':
        this.emit('scene', event.events);
        break;
      case 'publisher-port':
        this.#publisher.listen(event.port);
        break;
      case 'keyframe-request':
        this.#publisher.requestKeyframe();
        break;
      case 'truth':
        this.#truths.answer(event.request, event.message);
        break;
    }
  }
}
