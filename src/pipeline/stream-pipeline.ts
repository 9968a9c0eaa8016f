import type { Logger } from 'pino';
import type { AnnotationMessage } from './annotation.ts';
import { Composer, type Composed } from './compose/composer.ts';
import { Overlay } from './compose/overlay.ts';
import { DetectorBank } from './detector-bank.ts';
import { workingEncoders } from './encode/chain.ts';
import { FrameNumberer, now } from './frame.ts';
import { RateMeter, SpanMeter } from './meter.ts';
import type { StreamCommand, StreamEvent, StreamPlan, VideoInfo } from './messages.ts';
import { OutputBank } from './output-bank.ts';
import type { Picture } from './picture.ts';
import { createSource } from './source/open-source.ts';
import { PublisherInbox } from './source/publish/publisher-inbox.ts';
import { SourceSession } from './source/session.ts';
import type { SourceFrame } from './source/source.ts';

type Changes = Extract<StreamCommand, { type: 'update' }>['changes'];

/** Frames that encoders and the network may hold beside those that wait for their results. */
const OUTPUT_DEPTH = 4;
/** Milliseconds between two reports. */
const STATS_INTERVAL_MS = 1000;

/**
 * The path of a frame: source → (detectors) → composer → drawing → encoder → RTP. Every stage holds a bounded number of frames; a
 * frame that finds the pipeline full is dropped and counted.
 */
export class StreamPipeline {
  readonly outputs: OutputBank;
  /** Where publishers come in. */
  readonly inbox: PublisherInbox;
  readonly #plan: StreamPlan;
  readonly #logger: Logger;
  readonly #send: (event: StreamEvent) => void;
  readonly #overlay: Overlay;
  readonly #detectors: DetectorBank;
  readonly #composer: Composer<Picture>;
  readonly #session: SourceSession;
  readonly #rate = new RateMeter();
  readonly #latency = new SpanMeter();
  readonly #statsTimer: NodeJS.Timeout;
  #deadlineMs: number;
  #fps = 30;
  #height: number | undefined;
  #inFlight = 0;
  #dropped = 0;
  #ages: AnnotationMessage['detectors'] = {};

  constructor(plan: StreamPlan, ports: { logger: Logger; send: (event: StreamEvent) => void }) {
    this.#plan = plan;
    this.#logger = ports.logger;
    this.#send = ports.send;
    this.#overlay = new Overlay(plan.overlay, ports.logger);
    this.#deadlineMs = plan.deadlineMs;
    this.#detectors = new DetectorBank({ stream: plan.stream, socketPath: plan.detectorSocket, logger: ports.logger });
    this.#detectors.configure(plan.detectors);
    // Known before the first viewer comes, who need not wait for it then.
    void workingEncoders(plan.encoder.chain, ports.logger);
    this.outputs = new OutputBank({
      stream: plan.stream,
      overlay: this.#overlay,
      encoder: plan.encoder,
      fps: () => this.#fps,
      logger: ports.logger,
      onSent: (_variant, id, sentAt) => this.#latency.add(sentAt - id.capturedAt),
    });
    this.#composer = new Composer<Picture>({
      stream: plan.stream,
      policy: plan.sync,
      deadlineMs: plan.deadlineMs,
      detectors: this.#detectors.names,
      emit: (composed) => this.#deliver(composed),
      discard: (picture) => this.#done(picture),
    });
    this.inbox = new PublisherInbox(ports.send);
    const context = { numberer: new FrameNumberer(plan.firstSeq), loop: plan.loop, mediaRoots: plan.mediaRoots, inbox: this.inbox };
    this.#session = new SourceSession(() => createSource(plan.url, context), {
      state: (state, details) => this.#send({ type: 'state', state, ...details }),
      video: (video) => this.#video(video),
      frame: (frame) => this.#take(frame),
    });
    this.#statsTimer = setInterval(() => this.#report(), STATS_INTERVAL_MS);
  }

  start(): void {
    this.#session.start();
  }

  /** Changes what runs, without a gap in its video. */
  update(changes: Changes): void {
    if (changes.detectors !== undefined) this.#detectors.configure(changes.detectors);
    if (changes.overlay !== undefined) this.#overlay.configure(changes.overlay);
    if (changes.deadlineMs !== undefined) this.#deadlineMs = changes.deadlineMs;
    this.#composer.configure({
      ...(changes.sync === undefined ? {} : { policy: changes.sync }),
      ...(changes.deadlineMs === undefined ? {} : { deadlineMs: changes.deadlineMs }),
      detectors: this.#detectors.names,
    });
    this.#prepareTexts();
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
    this.inbox.close();
    this.#composer.close();
    this.#detectors.close();
    await this.outputs.close();
  }

  #video(video: VideoInfo): void {
    this.#fps = video.fps;
    this.#height = video.height;
    this.#prepareTexts();
    this.#send({ type: 'video', video });
  }

  #take({ id, picture }: SourceFrame): void {
    if (this.#inFlight >= Math.ceil((this.#deadlineMs / 1000) * this.#fps) + OUTPUT_DEPTH) {
      this.#dropped += 1;
      picture.release();
      return;
    }
    this.#inFlight += 1;
    const taken = this.#detectors.offer(id, picture);
    this.#composer.push({ id, width: picture.width, height: picture.height, payload: picture, taken });
  }

  #deliver({ id, payload, message }: Composed<Picture>): void {
    this.#ages = message.detectors;
    this.#rate.mark(now());
    this.#send({ type: 'annotation', message });
    this.outputs
      .push(id, payload, message)
      .catch((error: unknown) => this.#logger.error({ err: error, seq: id.seq }, 'a frame was lost on its way out'))
      .finally(() => this.#done(payload));
  }

  #done(picture: Picture): void {
    picture.release();
    this.#inFlight -= 1;
  }

  /** Labels are rendered before they are needed, in the size of this picture. */
  #prepareTexts(): void {
    if (this.#height !== undefined) void this.#overlay.prepare(this.#detectors.labels, this.#height);
  }

  #report(): void {
    const { user, system } = process.cpuUsage();
    const variants = this.outputs.stats();
    this.#send({
      type: 'stats',
      stats: {
        fps: this.#rate.rate(now()),
        dropped: this.#dropped + Object.values(variants).reduce((sum, { dropped }) => sum + dropped, 0),
        latency: { decodeToSendMs: this.#latency.percentiles() },
        detectors: this.#detectors.stats(this.#ages),
        variants,
        cpuUs: user + system,
        rss: process.memoryUsage.rss(),
      },
    });
  }
}
