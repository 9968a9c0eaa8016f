import type { AnnotationMessage } from '../../../src/pipeline/annotation.ts';
import type { Variant } from '../../../src/pipeline/media/info.ts';
import type { MessageStore } from '../annotate/message-store.ts';
import { now } from './clock-offset.ts';
import { FrameMeter, type ShownFrame } from './frame-meter.ts';
import { Freezes, type Frozen } from './freezes.ts';
import { LiveWatch, type Phase, type StreamCondition } from './live-watch.ts';
import { playerState, secondsToRetry, type PlayerState } from './player-state.ts';
import { ReceiverReader, type ReceiverFigures } from './receiver-stats.ts';
import { ShownSize } from './shown-size.ts';
import { Still } from './still.ts';

/** Milliseconds without a frame, while the server says that there are some, after which all is made anew. */
const FROZEN_MS = 4000;
/** Milliseconds between two readings of the figures. */
const TICK_MS = 1000;
/** Milliseconds after which a page that nobody sees gets no video any more. */
const HIDDEN_MS = 15_000;

const NOTHING_KNOWN: StreamCondition = { state: 'connecting', audio: false };

/** What is measured while playing. */
export interface Figures extends Partial<Omit<ReceiverFigures, keyof Frozen>>, Frozen {
  /** Frames displayed in the last second. */
  readonly fps: number;
  /** From capture to display over the last seconds, in milliseconds. */
  readonly latency: { readonly p50: number; readonly p95: number } | undefined;
}

export interface PlaybackEvents {
  /** State or condition are others now. */
  changed(): void;
  /** Each second. */
  figures(figures: Figures): void;
  /** A frame is displayed. */
  frame(frame: ShownFrame, metadata: VideoFrameCallbackMetadata): void;
  /** Something is known about a frame, which may be still to come or past. */
  message(message: AnnotationMessage): void;
}

/** What is played: a variant of a stream, by way of a watch. */
interface Feed {
  readonly stream: string;
  readonly variant: Variant;
  readonly watch: LiveWatch;
  phase: Phase;
  condition: StreamCondition;
}

/** Keeps a `<video>` showing a live stream, whatever happens to the way there. */
export class Playback {
  readonly #video: HTMLVideoElement;
  readonly #events: PlaybackEvents;
  readonly #meter = new FrameMeter();
  readonly #media = new MediaStream();
  readonly #still = new Still();
  readonly #size: ShownSize;
  #freezes = new Freezes();
  #reader = new ReceiverReader();
  #feed: Feed | undefined;
  /** Another variant, on its way to take over. */
  #next: Feed | undefined;
  #frame: ShownFrame | undefined;
  /** Whether the frame came by the way that there is now. */
  #fresh = false;
  #received: ReceiverFigures | undefined;
  #openedAt = 0;
  #delay = 0;
  #progressAt = 0;
  #callback = 0;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #hidden: ReturnType<typeof setTimeout> | undefined;

  constructor(video: HTMLVideoElement, events: PlaybackEvents) {
    this.#video = video;
    this.#events = events;
    this.#size = new ShownSize(video, (skippedLayers) => {
      for (const feed of [this.#feed, this.#next]) if (feed !== undefined) feed.watch.skippedLayers = skippedLayers;
    });
    video.addEventListener('play', () => this.#pause(false));
    video.addEventListener('pause', () => this.#pause(true));
    video.addEventListener('volumechange', () => this.#listen());
  }

  /** What is shown over the video while that has no picture. */
  get still(): HTMLCanvasElement {
    return this.#still.canvas;
  }

  get state(): PlayerState {
    if (this.#feed === undefined) return 'connecting';
    // Nobody waits for another picture while this one is held.
    const kept = this.#fresh || this.#held;
    return playerState(this.#feed.phase, this.#feed.condition.state, this.#frame === undefined ? 'none' : kept ? 'fresh' : 'old');
  }

  /** Which variant the picture on screen is of; the one that was opened last may still be on its way. */
  get variant(): Variant | undefined {
    return this.#feed?.variant;
  }

  /** Milliseconds by which the video is held back: 0, as soon as it can be shown. */
  get delay(): number {
    return this.#delay;
  }

  set delay(ms: number) {
    if (ms === this.#delay) return;
    this.#delay = ms;
    for (const feed of [this.#feed, this.#next]) if (feed !== undefined) feed.watch.delay = ms;
  }

  /** What was said about the frames of the last seconds. */
  get messages(): MessageStore {
    return this.#meter.messages;
  }

  /** Where the stream stands, as the server said last. */
  get condition(): StreamCondition {
    return this.#feed?.condition ?? NOTHING_KNOWN;
  }

  /** Whole seconds until the server tries the source again. */
  get secondsToRetry(): number | undefined {
    return secondsToRetry(this.condition, now() + (this.#feed?.watch.clockOffset ?? 0));
  }

  /** By which media comes, UDP and TCP; empty before the server has said so. */
  get ports(): readonly number[] {
    return this.#feed?.watch.ports ?? [];
  }

  /** The frame on screen. */
  get frame(): ShownFrame | undefined {
    return this.#frame;
  }

  get figures(): Figures {
    return { ...this.#received, ...this.#freezes.total, fps: this.#meter.fps(performance.now()), latency: this.#meter.latency() };
  }

  /** Whether a person has paused; a video that has not begun is paused too, but by nobody. */
  get #held(): boolean {
    return this.#video.paused && this.#video.srcObject !== null;
  }

  /** Whether there is sound, and a person has turned it on. */
  get #heard(): boolean {
    return this.condition.audio && !this.#video.muted;
  }

  /** What was said about the frame with this RTP timestamp, if it was some seconds ago at most. */
  annotationFor(rtp: number): AnnotationMessage | undefined {
    return this.#meter.annotationFor(rtp);
  }

  /** Plays this; another variant of the same stream takes over with its first picture, without a gap. */
  open(signaling: string, stream: string, variant: Variant): void {
    this.#next?.watch.close();
    this.#next = undefined;
    if (this.#feed?.stream === stream && this.#frame !== undefined) {
      this.#next = this.#watch(signaling, stream, variant);
    } else {
      this.#frame = undefined;
      this.#fresh = false;
      this.#feed?.watch.close();
      this.#meter.reset();
      this.#meter.messages.clear();
      this.#freezes = new Freezes();
      this.#still.drop();
      this.#feed = this.#watch(signaling, stream, variant);
      this.#listen();
    }
    if (this.#ticker === undefined) {
      this.#ticker = setInterval(() => void this.#tick(), TICK_MS);
      document.addEventListener('visibilitychange', this.#visibility);
      this.#size.connect();
    }
    this.#openedAt = this.#progressAt = now();
    this.#events.changed();
  }

  /** Idempotent; `open` starts again. */
  close(): void {
    clearInterval(this.#ticker);
    this.#ticker = undefined;
    clearTimeout(this.#hidden);
    document.removeEventListener('visibilitychange', this.#visibility);
    this.#size.disconnect();
    this.#video.cancelVideoFrameCallback(this.#callback);
    this.#video.srcObject = null;
    this.#still.drop();
    this.#frame = this.#received = undefined;
    for (const feed of [this.#feed, this.#next]) feed?.watch.close();
    this.#feed = this.#next = undefined;
    this.#meter.reset();
  }

  #watch(signaling: string, stream: string, variant: Variant): Feed {
    const feed: Feed = {
      stream,
      variant,
      phase: 'connecting',
      condition: NOTHING_KNOWN,
      watch: new LiveWatch(signaling, stream, variant, {
        phase: (phase) => this.#phase(feed, phase),
        condition: (condition) => this.#condition(feed, condition),
        track: (track) => this.#track(feed, track),
        sound: (sound) => feed === this.#feed && this.#hear(sound),
        ending: () => this.#ending(feed),
        annotation: (message) => {
          this.#meter.keep(message);
          this.#size.picture = message;
          this.#events.message(message);
        },
      }),
    };
    feed.watch.paused = this.#held;
    feed.watch.delay = this.#delay;
    feed.watch.skippedLayers = this.#size.skippedLayers;
    return feed;
  }

  #phase(feed: Feed, phase: Phase): void {
    feed.phase = phase;
    if (phase === 'connected') this.#progressAt = now();
    // What can't be played takes over too, so that it is said.
    if (feed === this.#next && (phase === 'gone' || phase === 'unsupported' || phase === 'forbidden')) this.#takeOver(feed);
    if (feed === this.#feed) this.#events.changed();
  }

  #condition(feed: Feed, condition: StreamCondition): void {
    if (condition.state === 'live' && feed.condition.state !== 'live') this.#progressAt = now();
    feed.condition = condition;
    if (feed === this.#feed) this.#events.changed();
  }

  /** The last picture stays until the first packets of the new track are there. */
  #track(feed: Feed, track: MediaStreamTrack): void {
    if (track.muted && this.#frame !== undefined) track.addEventListener('unmute', () => this.#show(feed, track), { once: true });
    else this.#show(feed, track);
  }

  #show(feed: Feed, track: MediaStreamTrack): void {
    if (feed === this.#next) this.#takeOver(feed);
    if (feed !== this.#feed || track.readyState === 'ended') return;
    for (const old of this.#media.getVideoTracks()) this.#media.removeTrack(old);
    this.#media.addTrack(track);
    this.#meter.reset();
    this.#reader = new ReceiverReader();
    const video = this.#video;
    const held = this.#held;
    if (video.srcObject === null) video.srcObject = this.#media;
    if (!held) video.play().catch(() => undefined);
    this.#callback = video.requestVideoFrameCallback(this.#onFrame);
  }

  #hear(sound: MediaStreamTrack | undefined): void {
    for (const old of this.#media.getAudioTracks()) this.#media.removeTrack(old);
    if (sound !== undefined) this.#media.addTrack(sound);
  }

  /** Sound is asked for only while it is heard: a browser that receives it holds pictures back for it. */
  #listen(): void {
    if (this.#feed !== undefined) this.#feed.watch.listening = !this.#video.muted;
    this.#events.changed();
  }

  #ending(feed: Feed): void {
    if (feed !== this.#feed) return;
    // No later callback shall take the still away.
    this.#video.cancelVideoFrameCallback(this.#callback);
    if (this.#frame !== undefined) {
      this.#still.take(this.#video);
      if (!this.#held) this.#freezes.broken(this.#frame.displayedAt);
    }
    this.#fresh = false;
  }

  #takeOver(feed: Feed): void {
    this.#feed?.watch.close();
    this.#feed = feed;
    this.#next = undefined;
    this.#listen();
  }

  readonly #onFrame: VideoFrameRequestCallback = (_now, metadata) => {
    this.#callback = this.#video.requestVideoFrameCallback(this.#onFrame);
    // Chromium puts a black frame of its own in the place of a track that has ended; it is told by its missing timestamp.
    if (metadata.rtpTimestamp === undefined && this.#frame?.rtp !== undefined) return;
    this.#progressAt = now();
    this.#still.drop();
    const first = !this.#fresh;
    this.#fresh = true;
    this.#frame = this.#meter.shown(metadata, this.#feed?.watch.clockOffset);
    this.#freezes.shown(this.#frame.displayedAt);
    this.#feed?.watch.succeeded();
    if (first) this.#events.changed();
    this.#events.frame(this.#frame, metadata);
  };

  async #tick(): Promise<void> {
    // What does not come is waited for in sight, not behind a picture of the other variant.
    if (this.#next !== undefined && !this.#held && now() - this.#openedAt > FROZEN_MS) this.#takeOver(this.#next);
    const feed = this.#feed;
    const report = await feed?.watch.receiverStats();
    if (feed === undefined || feed !== this.#feed) return;
    const received = report === undefined ? undefined : this.#reader.read(report);
    // Frames that are decoded but not displayed, such as those of a player out of sight, are progress too.
    if (received !== undefined && received.decoded !== this.#received?.decoded) this.#progressAt = now();
    this.#received = received;
    if (received !== undefined) this.#freezes.counted(received);
    const expected = feed.phase === 'connected' && feed.condition.state === 'live' && !this.#held && document.visibilityState === 'visible';
    if (!expected) this.#progressAt = now();
    else if (now() - this.#progressAt > FROZEN_MS) {
      this.#progressAt = now();
      feed.watch.restart();
    }
    this.#events.changed();
    this.#events.figures(this.figures);
  }

  #pause(paused: boolean): void {
    for (const feed of [this.#feed, this.#next]) if (feed !== undefined) feed.watch.paused = paused;
    this.#progressAt = now();
    this.#events.changed();
  }

  /** Nobody sees a page in the background, except through a picture-in-picture window. */
  readonly #visibility = (): void => {
    clearTimeout(this.#hidden);
    this.#progressAt = now();
    if (document.visibilityState === 'visible') this.#pause(this.#held);
    else {
      this.#hidden = setTimeout(() => {
        // Who listens goes on listening.
        if (document.pictureInPictureElement === null && !this.#heard) this.#pause(true);
      }, HIDDEN_MS);
    }
  };
}
