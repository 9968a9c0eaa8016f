import { EventEmitter } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { LineState, SceneEvent } from '../pipeline/analytics/events.ts';
import type { AnnotationMessage } from '../pipeline/annotation.ts';
import type { AudioInfo, StreamEvent, Variant } from '../pipeline/messages.ts';
import type { RtpTarget } from '../pipeline/rtp/target.ts';
import { Backoff } from '../pipeline/backoff.ts';
import { parseSourceAddress } from '../pipeline/source/address.ts';
import { Demand } from './demand.ts';
import { StreamsError } from './errors.ts';
import type { BroadcastPort } from './ports.ts';
import { PublisherLink } from './publisher-link.ts';
import { StreamRecord } from './stream-record.ts';
import type { StreamProgram } from './stream-process.ts';
import { StreamRun, type RunEnd } from './stream-run.ts';
import { fixedPart, mayForward, movablePart, type StreamSettings } from './stream-settings.ts';
import type { StreamStatus } from './stream-state.ts';
import { DEFAULT_TIMING, type StreamTiming } from './timing.ts';
import { TruthRequests } from './truth-requests.ts';
import { Wake } from './wake.ts';

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
  readonly timing?: Partial<StreamTiming> | undefined;
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

/**
 * One stream: its settings, its process while it needs one, and its side of the broadcast.
 *
 * One loop owns the process: it starts one while the stream is wanted, waits for its end, and decides what is next. Everything else
 * (viewers, settings, a person's retry) changes what is wanted and wakes the loop.
 */
export class Stream extends EventEmitter<StreamEvents> {
  readonly id: string;
  readonly #broadcast: BroadcastPort;
  readonly #lineTotals: () => Readonly<Record<string, LineState>>;
  readonly #logger: Logger;
  readonly #program: StreamProgram;
  readonly #timing: StreamTiming;
  readonly #backoff: Backoff;
  readonly #demand: Demand;
  readonly #wake = new Wake();
  readonly #variants = new Map<Variant, RtpTarget>();
  #audioTarget: RtpTarget | undefined;
  readonly #record = new StreamRecord();
  readonly #truths = new TruthRequests();
  readonly #publisher: PublisherLink;
  readonly #loop: Promise<void>;
  #settings: StreamSettings;
  #status: StreamStatus;
  #run: StreamRun | undefined;
  /** A file has played once. */
  #ended = false;
  /** A wait before a restart is over, whatever its length. */
  #impatient = false;
  #closed = false;

  constructor({ id, settings, broadcast, lineTotals, logger, program, timing }: StreamInit) {
    super();
    // One listener an event stream of annotations.
    this.setMaxListeners(0);
    this.id = id;
    this.#settings = settings;
    this.#broadcast = broadcast;
    this.#lineTotals = lineTotals ?? (() => ({}));
    this.#logger = logger.child({ stream: id });
    this.#program = program;
    this.#timing = { ...DEFAULT_TIMING, ...timing };
    this.#backoff = new Backoff({ first: this.#timing.backoffFirstMs, most: this.#timing.backoffMostMs });
    this.#demand = new Demand(() => this.#reconcile());
    this.#demand.configure(settings.onDemand, settings.idleAfterMs);
    this.#broadcast.allowForwarding(mayForward(settings));
    this.#status = { state: this.#demand.wanted ? 'connecting' : 'idle' };
    this.#publisher = new PublisherLink({ broadcast, send: (command) => this.#run?.send(command), logger: this.#logger });
    this.#follow(broadcast);
    this.#loop = this.#supervise();
  }

  get status(): StreamStatus {
    return this.#status;
  }

  get settings(): StreamSettings {
    return this.#settings;
  }

  /** What was measured, over all of its processes. */
  get record(): Pick<StreamRecord, 'video' | 'stats' | 'dropped' | 'restarts'> {
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
    return [...this.#variants.keys()];
  }

  /** Of its process, while there is one. */
  get pid(): number | undefined {
    return this.#run?.pid;
  }

  /** Takes on other settings: without a gap where its process can, by a restart of its process where that can't. */
  configure(settings: StreamSettings): void {
    const old = this.#settings;
    this.#settings = settings;
    this.#demand.configure(settings.onDemand, settings.idleAfterMs);
    this.#broadcast.allowForwarding(mayForward(settings));
    if (fixedPart(old) !== fixedPart(settings)) {
      this.#ended = false;
      this.#record.forgetSource();
      this.emit('audio');
      this.#hurry();
      this.#run?.halt();
    } else if (!isDeepStrictEqual(movablePart(old), movablePart(settings))) {
      this.#run?.send({ type: 'update', changes: movablePart(settings) });
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

  /** Its lines count from zero. */
  resetCounts(): void {
    this.#run?.send({ type: 'reset-counts' });
  }

  /** Tries again now: skips a wait, plays an ended file once more, starts a stream on demand. */
  retry(): void {
    this.#ended = false;
    this.#demand.touch();
    this.#run?.send({ type: 'retry' });
    this.#hurry();
  }

  /**
   * The true boxes of a generated frame; null where the frame is not known, or no longer.
   * @throws StreamsError `stream-unavailable`
   */
  async truth(seq: number): Promise<AnnotationMessage | null> {
    const run = this.#run;
    if (run?.running !== true) throw new StreamsError('stream-unavailable', `The stream “${this.id}” does not run right now.`);
    return this.#truths.ask((request) => run.send({ type: 'truth', request, seq }));
  }

  /** Ends its process, within 3 s. Idempotent. The broadcast is closed by whoever made it. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#demand.close();
    this.#reconcile();
    await this.#loop;
  }

  get #wanted(): boolean {
    return !this.#closed && !this.#ended && this.#demand.wanted;
  }

  /** Viewers are who needs a stream; a variant goes on for a while after its last one, and is no need of its own. */
  #follow(broadcast: BroadcastPort): void {
    broadcast.on('start', (variant, target) => {
      this.#variants.set(variant, target);
      if (this.#run?.running === true) this.#startVariant(variant, target);
      this.emit('changed');
    });
    broadcast.on('stop', (variant) => {
      if (!this.#variants.delete(variant)) return;
      this.#run?.send({ type: 'variant-stop', variant });
      this.emit('changed');
    });
    broadcast.on('audio-start', (target) => {
      this.#audioTarget = target;
      this.#startAudio();
    });
    broadcast.on('audio-stop', () => {
      this.#audioTarget = undefined;
      this.#run?.send({ type: 'audio-stop' });
    });
    broadcast.on('keyframe', (variant) => this.#run?.send({ type: 'keyframe', variant }));
    broadcast.on('publisher', () => this.emit('audio'));
    broadcast.on('viewers', (viewers) => {
      this.#demand.set('viewers', viewers > 0);
      this.emit('changed');
    });
  }

  /** What is wanted may have changed. */
  #reconcile(): void {
    if (!this.#wanted) this.#run?.halt();
    this.#wake.signal();
  }

  /** The next process starts without a wait. */
  #hurry(): void {
    this.#backoff.reset();
    this.#impatient = true;
    this.#wake.signal();
  }

  async #supervise(): Promise<void> {
    while (!this.#closed) {
      if (this.#wanted) {
        const end = await this.#runOnce();
        if (!end.onPurpose) await this.#recover(end);
      } else {
        this.#enter({ state: this.#ended ? 'stopped' : 'idle' });
        await this.#wake.wait();
      }
    }
    this.#enter({ state: 'stopped' });
  }

  /** One process from its start to its end. */
  async #runOnce(): Promise<RunEnd> {
    this.#enter({ state: 'connecting' });
    let run: StreamRun;
    try {
      run = new StreamRun({ program: this.#program, url: this.#settings.url, logger: this.#logger, timing: this.#timing });
    } catch (error) {
      this.#record.endRun(true);
      return { exit: { code: null, signal: null, error: error as Error }, onPurpose: false, hung: false, healthy: false };
    }
    this.#run = run;
    run.on('event', (event) => this.#onEvent(run, event));
    const end = await run.end;
    this.#run = undefined;
    this.#publisher.listen(undefined);
    this.#record.endRun(!end.onPurpose);
    this.#truths.abandon();
    return end;
  }

  /** Waits, longer each time, before the next process. */
  async #recover({ exit, hung, healthy }: RunEnd): Promise<void> {
    if (this.#closed) return;
    this.#impatient = false;
    if (healthy) this.#backoff.reset();
    const waitMs = this.#backoff.next();
    const problem = hung
      ? { code: 'process-hung', message: 'The process of this stream gave no sign of life; it was ended and is started again.' }
      : { code: 'process-exited', message: `The process of this stream ended by itself (${how(exit)}) and is started again.` };
    this.#logger.error({ err: exit.error, code: exit.code, signal: exit.signal, waitMs, restarts: this.#record.restarts }, problem.message);
    this.#enter({ state: 'retrying', problem, retryAt: Date.now() + waitMs });
    const until = performance.now() + waitMs;
    for (let left = waitMs; left > 0 && this.#wanted && !this.#impatient; left = until - performance.now()) {
      await this.#wake.wait(left);
    }
  }

  #onEvent(run: StreamRun, event: StreamEvent): void {
    if (this.#run !== run) return;
    switch (event.type) {
      case 'ready':
        this.#begin(run);
        break;
      case 'state': {
        // What the source of a process says that is being ended is of the past.
        if (run.halting) break;
        const { type: _type, state, ...why } = event;
        if (state === 'ended') {
          this.#ended = true;
          this.#reconcile();
        } else {
          this.#enter({ state, ...why });
        }
        break;
      }
      case 'audio':
        this.#record.note(event);
        this.emit('audio');
        break;
      case 'video':
      case 'stats':
        this.#record.note(event);
        this.emit('changed');
        break;
      case 'annotation':
        this.#record.note(event);
        this.#broadcast.announce(event.message);
        this.emit('annotation', event.message);
        break;
      case 'scene':
        this.emit('scene', event.events);
        break;
      case 'publisher-port':
        this.#publisher.listen(event.port);
        break;
      case 'keyframe-please':
        this.#publisher.requestKeyframe();
        break;
      case 'truth':
        this.#truths.answer(event.request, event.message);
        break;
    }
  }

  /** Gives a process its plan, and everything that is wanted of it already. */
  #begin(run: StreamRun): void {
    if (run.running) return;
    const { onDemand: _onDemand, idleAfterMs: _idleAfterMs, ...plan } = this.#settings;
    run.begin({ ...plan, stream: this.id, firstSeq: this.#record.nextSeq, lineTotals: this.#lineTotals() });
    for (const [variant, target] of this.#variants) this.#startVariant(variant, target);
    this.#startAudio();
  }

  #startVariant(variant: Variant, target: RtpTarget): void {
    this.#run?.send({ type: 'variant-start', variant, target, firstSequence: this.#record.nextSequence(variant) });
  }

  #startAudio(): void {
    if (this.#audioTarget === undefined || this.#run?.running !== true) return;
    this.#run.send({ type: 'audio-start', target: this.#audioTarget, firstSequence: this.#record.nextSequence('audio') });
  }

  #enter(status: StreamStatus): void {
    const old = this.#status;
    if (JSON.stringify(status) === JSON.stringify(old)) return;
    this.#status = status;
    if (status.state !== old.state) this.#logger.info({ state: status.state, problem: status.problem }, `stream is ${status.state}`);
    this.emit('status', status);
  }
}

function how({ code, signal, error }: { code: number | null; signal: string | null; error?: Error }): string {
  if (error !== undefined) return 'it could not be started';
  return signal ?? `code ${code}`;
}
