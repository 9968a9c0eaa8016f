import { Backoff } from '../live/backoff.ts';
import { now } from '../live/clock-offset.ts';
import type { ShownFrame } from '../live/frame-meter.ts';
import type { Percentiles } from '../live/percentiles.ts';
import { Capture, CaptureFailure, type CaptureDevices, type CaptureKind } from './capture.ts';
import { Publication, type PublicationOptions } from './publication.ts';
import type { PublishReason } from './publish-reason.ts';
import { estimateRoundTrip, RoundTripMeter, type RoundTrip } from './round-trip.ts';
import { SenderReader, type SenderFigures } from './sender-stats.ts';
import { TimeCodedTrack } from './time-coded-track.ts';

/** Milliseconds between two readings of the figures. */
const TICK_MS = 1000;

/**
 * - `idle`: nothing is open
 * - `asking`: the browser or the system asks a person, or opens the device
 * - `preview`: the picture is seen here alone
 * - `connecting`: on the way to the server for the first time
 * - `live`: published
 * - `retrying`: the device, the network or the server is gone, and tried again without end
 * - `failed`: what a person has to mend
 */
export type PublisherState = 'idle' | 'asking' | 'preview' | 'connecting' | 'live' | 'retrying' | 'failed';

/** Where the capture stands. */
type Phase = Extract<PublisherState, 'idle' | 'asking' | 'preview' | 'failed'>;

/** What is measured while publishing. */
export interface PublisherFigures extends Partial<SenderFigures> {
  readonly roundTrip: RoundTrip | undefined;
}

/** Where to publish. */
export type PublishTarget = Pick<PublicationOptions, 'endpoint' | 'streamApi' | 'token' | 'layers'>;

export interface PublisherEvents {
  /** State, reason, picture or devices are others now. */
  changed(): void;
  /** Each second while publishing. */
  figures(figures: PublisherFigures): void;
  /** An annotated frame is displayed whose capture is known; milliseconds. */
  roundTrip(ms: number): void;
}

/** From the camera to the server: what is captured, what is published, and where both stand. */
export class Publisher {
  readonly #events: PublisherEvents;
  readonly #meter = new RoundTripMeter();
  readonly #backoff = new Backoff({ firstMs: 500, mostMs: 5000 });
  readonly #capture: Capture;
  #phase: Phase = 'idle';
  #reason: PublishReason | undefined;
  #devices: CaptureDevices = { cameras: [], microphones: [] };
  #cameraId: string | undefined;
  #lost = false;
  #reopen: ReturnType<typeof setTimeout> | undefined;
  #publication: Publication | undefined;
  #coded: TimeCodedTrack | undefined;
  #measure = false;
  #reader = new SenderReader();
  #sent: SenderFigures | undefined;
  #shown: Percentiles | undefined;
  #ticker: ReturnType<typeof setInterval> | undefined;

  constructor(events: PublisherEvents) {
    this.#events = events;
    this.#capture = new Capture({
      devices: (devices) => {
        this.#devices = devices;
        if (this.#lost) void this.#openAgain();
        this.#events.changed();
      },
      lost: (what) => this.#onLost(what),
    });
  }

  get state(): PublisherState {
    if (this.#lost) return 'retrying';
    return this.#publication?.status.state ?? this.#phase;
  }

  /** Why it is not well; undefined where it is. */
  get reason(): PublishReason | undefined {
    return this.#lost ? { code: 'device-lost' } : (this.#publication?.status.reason ?? this.#reason);
  }

  /** Whole seconds until the server is tried again; undefined where no attempt is due. */
  get secondsToRetry(): number | undefined {
    const at = this.#lost ? undefined : this.#publication?.status.retryAt;
    const seconds = at === undefined ? 0 : Math.ceil((at - now()) / 1000);
    return seconds > 0 ? seconds : undefined;
  }

  /** Whether there is something on the server, or shall be. */
  get publishing(): boolean {
    return this.#publication !== undefined && this.#publication.status.state !== 'failed';
  }

  /** What is captured now, for a preview. */
  get video(): MediaStreamTrack | undefined {
    return this.#capture.video;
  }

  get kind(): CaptureKind {
    return this.#capture.kind;
  }

  get devices(): CaptureDevices {
    return this.#devices;
  }

  /** Identifiers of what is open. */
  get chosen(): { readonly camera: string | undefined; readonly microphone: string | undefined } {
    const idOf = (track: MediaStreamTrack | undefined): string | undefined => track?.getSettings().deviceId;
    return { camera: this.kind === 'camera' ? idOf(this.#capture.video) : undefined, microphone: idOf(this.#capture.audio) };
  }

  get canShareScreen(): boolean {
    return this.#capture.canShareScreen;
  }

  /** Whether the strip with the time of capture is drawn into what is published (time-coded-track.ts). */
  set measure(measure: boolean) {
    if (measure === this.#measure) return;
    this.#measure = measure;
    this.#meter.reset();
    void this.#send();
  }

  /** Devices are followed from now on, until `unwatch`. */
  watch(): void {
    this.#capture.watch();
  }

  unwatch(): void {
    this.#capture.unwatch();
  }

  /**
   * Opens a camera or asks for a screen. What is published goes on with the new picture; without it, with the old one.
   * @param deviceId of a camera; left out, the browser's choice
   */
  async open(kind: CaptureKind, deviceId?: string): Promise<void> {
    if (this.#phase === 'asking') return;
    const before = this.#capture.video === undefined ? 'idle' : 'preview';
    this.#set('asking');
    try {
      if ((await this.#capture.openVideo(kind, deviceId)) === undefined) return;
      this.#cameraId = deviceId;
      this.#found();
      this.#set('preview');
      await this.#send();
    } catch (error) {
      const reason = failureOf(error);
      // The camera that was open goes on, unless it had to be closed for this one.
      if (this.#capture.video === undefined) this.#set(reason.code === 'cancelled' ? 'idle' : 'failed', reason);
      else this.#set(before, reason);
    }
  }

  /** @param deviceId left out, the browser's choice */
  async setMicrophone(on: boolean, deviceId?: string): Promise<void> {
    try {
      if (on) await this.#capture.openMicrophone(deviceId);
      else this.#capture.closeMicrophone();
      this.#reason = undefined;
    } catch (error) {
      this.#reason = failureOf(error);
    }
    await this.#publication?.replaceAudio(this.#capture.audio);
    this.#events.changed();
  }

  /** Publishes what is captured; what was published before is ended. Nothing happens while nothing is captured. */
  goLive(target: PublishTarget): void {
    const { video, audio, kind } = this.#capture;
    if (video === undefined) return;
    this.#publication?.close();
    this.#reader = new SenderReader();
    this.#sent = this.#shown = undefined;
    this.#meter.reset();
    this.#reason = undefined;
    this.#publication = new Publication({ ...target, video: this.#coding(video), audio, kind, changed: () => this.#events.changed() });
    clearInterval(this.#ticker);
    this.#ticker = setInterval(() => void this.#tick(), TICK_MS);
    this.#events.changed();
  }

  /** An annotated frame is displayed. */
  displayed(picture: HTMLVideoElement, { displayedAt }: Pick<ShownFrame, 'displayedAt'>): void {
    const capturedAt = this.#coded?.capturedAt(picture);
    if (capturedAt === undefined) return;
    const ms = displayedAt - capturedAt;
    this.#meter.add(ms, displayedAt);
    this.#events.roundTrip(ms);
  }

  /** What the player of the annotated stream measures, from capture on the server to display. */
  latency(shown: Percentiles | undefined): void {
    this.#shown = shown;
  }

  get figures(): PublisherFigures {
    return { ...this.#sent, roundTrip: this.#measure ? this.#meter.roundTrip(now()) : estimateRoundTrip(this.#sent, this.#shown) };
  }

  /**
   * Ends what is published and lets go of all devices. Idempotent.
   * @param leaving the page goes
   */
  stop(options?: { readonly leaving?: boolean }): void {
    clearInterval(this.#ticker);
    this.#publication?.close(options);
    this.#publication = undefined;
    this.#coded?.close();
    this.#coded = undefined;
    this.#found();
    this.#capture.close();
    this.#sent = this.#shown = undefined;
    this.#set('idle');
  }

  #onLost(what: CaptureKind | 'microphone'): void {
    // Whoever ends the sharing of a screen by the browser's own button wants to stop.
    if (what === 'screen') return this.stop();
    if (what === 'microphone') return void this.setMicrophone(false);
    this.#lost = true;
    this.#reopen = setTimeout(() => void this.#openAgain(), this.#backoff.next());
    this.#events.changed();
  }

  /** The same camera, if one was chosen. */
  async #openAgain(): Promise<void> {
    clearTimeout(this.#reopen);
    try {
      if ((await this.#capture.openVideo('camera', this.#cameraId)) === undefined) return;
      this.#found();
      await this.#send();
      this.#events.changed();
    } catch {
      if (this.#lost) this.#reopen = setTimeout(() => void this.#openAgain(), this.#backoff.next());
    }
  }

  #found(): void {
    clearTimeout(this.#reopen);
    this.#lost = false;
    this.#backoff.reset();
  }

  /** What is published follows what is captured. */
  async #send(): Promise<void> {
    const { video, kind } = this.#capture;
    if (video !== undefined && this.#publication !== undefined) await this.#publication.replaceVideo(this.#coding(video), kind);
  }

  #coding(video: MediaStreamTrack): MediaStreamTrack {
    this.#coded?.close();
    this.#coded = this.#measure ? new TimeCodedTrack(video) : undefined;
    return this.#coded?.track ?? video;
  }

  async #tick(): Promise<void> {
    const publication = this.#publication;
    const report = await publication?.stats();
    if (publication !== this.#publication) return;
    this.#sent = report === undefined ? undefined : this.#reader.read(report);
    this.#events.figures(this.figures);
    // Seconds pass.
    this.#events.changed();
  }

  #set(phase: Phase, reason?: PublishReason): void {
    this.#phase = phase;
    this.#reason = reason;
    this.#events.changed();
  }
}

function failureOf(error: unknown): PublishReason {
  if (error instanceof CaptureFailure) return error.reason;
  return { code: 'capture-failed', detail: error instanceof Error ? error.message : String(error) };
}
