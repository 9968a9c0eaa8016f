import type { Logger } from 'pino';
import { SceneAnalytics } from './analytics/scene-analytics.ts';
import type { AnnotationMessage } from './annotation.ts';
import { AudioTrack } from './audio/audio-track.ts';
import { Composer, type Composed, type Taken } from './compose/composer.ts';
import type { MergeOptions } from './compose/merge.ts';
import type { OverlayLanguage } from './compose/options.ts';
import { Overlay } from './compose/overlay.ts';
import { PrivacyMask } from './compose/privacy.ts';
import { slateLines, type SlateReason } from './compose/slate-text.ts';
import { SlateBackground, SlateText } from './compose/slate.ts';
import { DetectorBank } from './detector-bank.ts';
import { workingEncoders } from './encode/chain.ts';
import { FrameNumberer, type FrameId } from './frame.ts';
import { RateMeter, SpanMeter } from '../util/meter.ts';
import type { StreamCommand } from './ipc/commands.ts';
import type { StreamEvent } from './ipc/events.ts';
import type { StreamPlan } from './ipc/plan.ts';
import type { VideoInfo } from './media/info.ts';
import { OutputBank } from './output-bank.ts';
import { drawable } from './libav-picture.ts';
import type { Picture } from './picture.ts';
import { PendingUnits } from './passthrough/pending-units.ts';
import type { PassthroughSource } from './passthrough/passthrough-source.ts';
import { PassthroughCodec } from './passthrough/passthrough-codec.ts';
import { PacketTap } from './passthrough/packet-tap.ts';
import { PictureDemand } from './picture-demand.ts';
import { SlateClock } from './slate-clock.ts';
import { createSource } from './source/open-source.ts';
import { PublisherInbox } from './source/publish/publisher-inbox.ts';
import { SourceSession } from './source/session.ts';
import type { SourceFrame } from './source/source.ts';
import { now } from '../util/clock.ts';

/** A picture on its way through the composer. */
interface Payload {
  /** Undefined where the frame was not decoded. */
  readonly picture: Picture | undefined;
  /** It was made here, because the source gives none. */
  readonly slate: boolean;
  /** What the frame was coded as. */
  readonly coded?: PassthroughSource | undefined;
}

type Changes = Extract<StreamCommand, { type: 'update' }>['changes'];

/** Frames that encoders and the network may hold beside those that wait for their results. */
const OUTPUT_DEPTH = 4;
/** Milliseconds between two reports. */
const STATS_INTERVAL_MS = 1000;
/** Milliseconds between two signs of life, at least. */
const PROGRESS_INTERVAL_MS = 250;

/**
 * The path of a frame: source → (detectors) → composer → drawing → encoder → RTP. Every stage holds a bounded number of frames; a
 * frame that finds the pipeline full is dropped and counted.
 */
export class StreamPipeline {
  readonly outputs: OutputBank;
  readonly #audio: AudioTrack;
  /** Where publishers come in. */
  readonly inbox: PublisherInbox;
  readonly #plan: StreamPlan;
  readonly #logger: Logger;
  readonly #send: (event: StreamEvent) => void;
  readonly #overlay: Overlay;
  readonly #privacy: PrivacyMask;
  readonly #analytics: SceneAnalytics;
  readonly #detectors: DetectorBank;
  readonly #composer: Composer<Payload>;
  readonly #session: SourceSession;
  readonly #numberer: FrameNumberer;
  readonly #carried = new PendingUnits();
  readonly #native = new PassthroughCodec((codec) => this.#send({ type: 'native', codec }));
  readonly #background = new SlateBackground();
  readonly #slateText: SlateText;
  readonly #slates = new SlateClock((reason) => this.#takeSlate(reason));
  readonly #demand = new PictureDemand();
  readonly #rate = new RateMeter();
  readonly #latency = new SpanMeter();
  readonly #statsTimer: NodeJS.Timeout;
  #language: OverlayLanguage;
  #shapes: Pick<StreamPlan, 'zones' | 'lines'>;
  #merge: Pick<StreamPlan, 'merge' | 'mergeIou'>;
  #deadlineMs: number;
  #fps = 30;
  #size: Pick<VideoInfo, 'width' | 'height'> | undefined;
  #inFlight = 0;
  #dropped = 0;
  /** Whether the frame that left last was a slate. */
  #slate = false;
  #ages: AnnotationMessage['detectors'] = {};
  #annotations = false;
  /** When the control process was last told that frames pass. */
  #toldAt = -Infinity;
  /** When the source's last frame was captured: milliseconds since the epoch. */
  #lastFrameAt: number | undefined;

  constructor(plan: StreamPlan, ports: { logger: Logger; send: (event: StreamEvent) => void }) {
    this.#plan = plan;
    this.#logger = ports.logger;
    this.#send = ports.send;
    this.#overlay = new Overlay(plan.overlay, ports.logger);
    this.#privacy = new PrivacyMask(plan.privacy);
    this.#overlay.configureScene(plan);
    this.#analytics = new SceneAnalytics({ zones: plan.zones, lines: plan.lines, totals: plan.lineTotals });
    this.#shapes = { zones: plan.zones, lines: plan.lines };
    this.#merge = { merge: plan.merge, mergeIou: plan.mergeIou };
    this.#slateText = new SlateText(ports.logger);
    this.#language = plan.overlay.language;
    this.#deadlineMs = plan.deadlineMs;
    this.#numberer = new FrameNumberer(plan.firstSeq);
    this.#detectors = new DetectorBank({ stream: plan.stream, socketPath: plan.detectorSocket, logger: ports.logger });
    this.#detectors.configure(plan.detectors);
    this.#demand.set('detectors', plan.detectors.length > 0);
    // Known before the first viewer comes, who need not wait for it then.
    void workingEncoders(plan.encoder.chain, ports.logger);
    this.#audio = new AudioTrack(ports.logger);
    this.outputs = new OutputBank({
      stream: plan.stream,
      overlay: this.#overlay,
      audio: this.#audio,
      encoder: plan.encoder,
      fps: () => this.#fps,
      logger: ports.logger,
      onSent: (id, sentAt) => this.#latency.add(sentAt - id.capturedAt),
      onChanged: () => this.#needPictures(),
    });
    this.#composer = new Composer<Payload>({
      stream: plan.stream,
      policy: plan.sync,
      deadlineMs: plan.deadlineMs,
      detectors: this.#detectors.joined(this.#privacy.classes),
      merge: this.#mergeOptions(),
      emit: (composed) => this.#deliver(composed),
      discard: ({ picture }) => this.#done(picture),
    });
    this.inbox = new PublisherInbox(ports.send);
    const tap = new PacketTap(() => this.#forbidden === undefined && (this.outputs.makes('clean') || !this.#native.known));
    const context = { numberer: this.#numberer, sound: this.#audio, tap, pictures: this.#demand, loop: plan.loop, mediaRoots: plan.mediaRoots, trust: plan.trust, inbox: this.inbox };
    this.#session = new SourceSession(() => createSource(plan.url, context, plan.schemes), {
      state: (state, details) => {
        this.#slates.source(state, details);
        this.#send({ type: 'state', state, ...details });
      },
      video: (video) => this.#video(video),
      audio: (audio) => this.#send({ type: 'audio', audio: audio ?? null }),
      frame: (frame) => this.#take(frame),
      last: (picture) => this.#background.keep(picture),
    });
    this.#statsTimer = setInterval(() => this.#report(), STATS_INTERVAL_MS);
  }

  start(): void {
    this.#session.start();
  }

  /** Changes what runs, without a gap in its video. */
  update(changes: Changes): void {
    if (changes.detectors !== undefined) {
      this.#detectors.configure(changes.detectors);
      this.#demand.set('detectors', changes.detectors.length > 0);
    }
    if (changes.privacy !== undefined) this.#privacy.configure(changes.privacy);
    if (changes.overlay !== undefined) {
      this.#overlay.configure(changes.overlay);
      this.#language = changes.overlay.language;
    }
    this.#shapes = { zones: changes.zones ?? this.#shapes.zones, lines: changes.lines ?? this.#shapes.lines };
    this.#analytics.configure(this.#shapes);
    this.#overlay.configureScene(this.#shapes);
    this.#merge = { merge: changes.merge ?? this.#merge.merge, mergeIou: changes.mergeIou ?? this.#merge.mergeIou };
    if (changes.deadlineMs !== undefined) this.#deadlineMs = changes.deadlineMs;
    this.#composer.configure({
      ...(changes.sync === undefined ? {} : { policy: changes.sync }),
      ...(changes.deadlineMs === undefined ? {} : { deadlineMs: changes.deadlineMs }),
      detectors: this.#detectors.joined(this.#privacy.classes),
      merge: this.#mergeOptions(),
    });
    this.#prepareTexts();
  }

  /** Whether each frame's annotation message is told. */
  tellAnnotations(wanted: boolean): void {
    this.#annotations = wanted;
  }

  /** Lines count from zero. */
  resetCounts(): void {
    this.#analytics.reset();
  }

  retry(): void {
    this.#session.retryNow();
  }

  truth(seq: number): AnnotationMessage | undefined {
    const truth = this.#session.source?.truth?.(seq);
    return truth === undefined ? undefined : { stream: this.#plan.stream, ...truth };
  }

  async close(): Promise<void> {
    clearInterval(this.#statsTimer);
    await this.#session.close();
    this.#slates.close();
    this.inbox.close();
    this.#composer.close();
    this.#detectors.close();
    await this.outputs.closeAll();
    this.#background.close();
  }

  /** What must be hidden is hidden as each detector saw it. */
  #mergeOptions(): MergeOptions {
    return { mode: this.#merge.merge, iou: this.#merge.mergeIou, except: this.#privacy.classes };
  }

  #video(video: VideoInfo): void {
    this.#fps = video.fps;
    this.#size = video;
    this.#prepareTexts();
    this.#native.reopen();
    this.#send({ type: 'video', video });
  }

  #take({ id, picture, coded }: SourceFrame): void {
    this.#native.note(coded);
    if (this.#inFlight >= Math.ceil((this.#deadlineMs / 1000) * this.#fps) + OUTPUT_DEPTH) {
      this.#dropped += 1;
      this.#carried.hold(coded);
      picture?.release();
      return;
    }
    this.#lastFrameAt = id.capturedAt;
    const taken = picture === undefined ? [] : this.#detectors.offer(id, picture);
    this.#push(id, { picture, slate: false, coded: this.#carried.join(coded) }, taken);
  }

  /** Outputs came or went, or take their pictures from elsewhere now. */
  #needPictures(): void {
    this.#demand.set('outputs', this.outputs.needsPictures);
  }

  /** A frame of our own, for those who watch meanwhile. It takes the way of all frames, so that it overtakes none. */
  async #takeSlate(reason: SlateReason): Promise<void> {
    if (!this.outputs.active || this.#inFlight >= OUTPUT_DEPTH) return;
    let picture: Picture | undefined;
    try {
      picture = this.#background.copy();
      await this.#slateText.draw(picture, slateLines(reason, this.#lastFrameAt, now(), this.#language));
      if (!this.#slates.on) return picture.release();
      this.#push(this.#numberer.goOn(now()), { picture, slate: true }, []);
    } catch (error) {
      picture?.release();
      this.#logger.error({ err: error }, 'a slate could not be drawn');
    }
  }

  #push(id: FrameId, payload: Payload, taken: readonly Taken[]): void {
    const { width, height } = payload.picture ?? this.#size!;
    this.#inFlight += 1;
    this.#composer.push({ id, width, height, payload, taken });
  }

  #deliver({ id, payload, message: composed }: Composed<Payload>): void {
    const { slate } = payload;
    const hides = this.#privacy.classes.length > 0 && !slate && payload.picture !== undefined;
    const picture = hides ? drawable(payload.picture) : payload.picture;
    const { message, events } = this.#analytics.take(slate ? { ...composed, detections: [], detectors: {}, slate } : composed);
    if (!slate) {
      this.#ages = message.detectors;
      this.#rate.mark(now());
    }
    // Before anything else can see the picture, a slate made of it included.
    if (hides && picture !== undefined) this.#privacy.apply(picture, message, this.#detectors.seeing(this.#privacy.classes));
    if (slate !== this.#slate) this.outputs.cut();
    this.#slate = slate;
    this.#tell(message);
    if (events.length > 0) this.#send({ type: 'scene', events: [...events] });
    this.outputs
      .push(id, picture, message, this.#sendable(payload))
      .catch((error: unknown) => this.#logger.error({ err: error, seq: id.seq }, 'a frame was lost on its way out'))
      .finally(() => {
        if (slate) picture?.release();
        else if (picture !== undefined) this.#background.keep(picture);
        this.#inFlight -= 1;
      });
    this.#needPictures();
  }

  /** What may be sent of what a picture was decoded from. */
  #sendable({ slate, coded = { obstacle: 'codec' } }: Payload): PassthroughSource {
    const obstacle = slate ? 'slate' : this.#forbidden;
    return obstacle === undefined ? coded : { obstacle };
  }

  /** Why nothing may be sent as the source has it, whatever that is. */
  get #forbidden(): 'setting' | 'privacy' | undefined {
    if (!this.#plan.encoder.forward) return 'setting';
    return this.#privacy.classes.length > 0 ? 'privacy' : undefined;
  }

  /** That frames pass is told often enough to be a sign of life; what is known of them, where somebody follows it. */
  #tell(message: AnnotationMessage): void {
    const at = now();
    if (at - this.#toldAt >= PROGRESS_INTERVAL_MS) {
      this.#toldAt = at;
      this.#send({ type: 'progress', seq: message.seq });
    }
    if (this.#annotations) this.#send({ type: 'annotation', message });
  }

  #done(picture: Picture | undefined): void {
    picture?.release();
    this.#inFlight -= 1;
  }

  /** Labels are rendered before they are needed, in the size of this picture. */
  #prepareTexts(): void {
    if (this.#size !== undefined) void this.#overlay.prepare(this.#detectors.labels, this.#size.height);
  }

  #report(): void {
    const { user, system } = process.cpuUsage();
    const { renditions, outputs } = this.outputs.stats();
    const audio = this.#audio.stats();
    this.#send({
      type: 'stats',
      stats: {
        fps: this.#rate.rate(now()),
        dropped: this.#session.dropped + this.#dropped + renditions.reduce((sum, { dropped }) => sum + dropped, 0),
        latency: { decodeToSendMs: this.#latency.percentiles() },
        detectors: this.#detectors.stats(this.#ages),
        renditions,
        outputs,
        ...(audio === undefined ? {} : { audio }),
        cpuUs: user + system,
        rss: process.memoryUsage.rss(),
      },
    });
  }
}
