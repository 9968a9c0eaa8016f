import type { FrameId, FrameNumberer } from '../frame.ts';
import type { AnnotationMessage } from '../annotation.ts';
import type { AudioTrack } from '../audio/audio-track.ts';
import type { AudioInfo, Problem, VideoInfo } from '../media/info.ts';
import type { PictureDemand } from '../picture-demand.ts';
import type { Picture } from '../picture.ts';
import type { PassthroughSource } from '../passthrough/passthrough-source.ts';
import type { PacketTap } from '../passthrough/packet-tap.ts';
import type { SourceTrust } from './trust.ts';

/** A frame as it enters the pipeline. */
export interface SourceFrame {
  readonly id: FrameId;
  /** Undefined where pictures are not needed: the frame was read, but not decoded. */
  readonly picture: Picture | undefined;
  /** What it was decoded from; left out by sources that have nothing that could be sent as it is. */
  readonly coded?: PassthroughSource | undefined;
}

/** Who has to come before a source can be opened. */
export interface AwaitedPublisher {
  /** What is shown meanwhile. */
  readonly problem: Problem;
  /** Settles when they are there, however long that takes. @throws the signal's reason */
  arrival(signal: AbortSignal): Promise<void>;
}

/** One attempt at one source: opened once, read to its end or its failure, closed. A new attempt is a new object. */
export interface Source {
  /** Only of sources that somebody pushes: nothing is opened, and no time runs out, before they arrive. */
  readonly awaited?: AwaitedPublisher;
  /** Its sound, once it is open; undefined where it has none. */
  readonly audio?: AudioInfo | undefined;
  /** Milliseconds without a frame after which it is better opened anew, where that is sooner than others are given up. */
  readonly patienceMs?: number | undefined;
  /** Frames a second as measured, of sources that do not tell. */
  readonly fps?: number | undefined;
  /** Packets or pictures so far that were left out because what comes after was too slow for them. */
  readonly dropped?: number | undefined;
  /**
   * @param signal ends a wait for the network or a device
   * @throws SourceError
   */
  open(signal: AbortSignal): Promise<VideoInfo>;
  /**
   * The next frame, at the time it is due; undefined at the end of a source that has one. The caller owns the picture.
   * @throws SourceError
   */
  next(): Promise<SourceFrame | undefined>;
  /**
   * The picture of the newest frame, where that was not decoded; the caller owns it. Not during `next`'s own work: only while it waits, or
   * after it has failed.
   */
  latest?(): Promise<Picture | undefined>;
  /** What is truly in a frame; only of generated sources, and only for recent frames. */
  truth?(seq: number): Omit<AnnotationMessage, 'stream'> | undefined;
  /** Idempotent; ends a pending `next`. */
  close(): Promise<void>;
}

/** What every kind of source is made from. */
export interface SourceContext {
  readonly numberer: FrameNumberer;
  /** Where its sound goes; left out, it is not read. */
  readonly sound?: AudioTrack;
  /** Takes note of its packets; left out, nothing does. */
  readonly tap?: PacketTap;
  /** Whether pictures are needed; left out, they always are. The first picture is made in any case. */
  readonly pictures?: Pick<PictureDemand, 'wanted'>;
  /** Starts again at the end, for sources that have one. */
  readonly loop: boolean;
  /** Folders from which files may be read. */
  readonly mediaRoots: readonly string[];
  /** Left out, certificates are not verified. */
  readonly trust?: SourceTrust;
}

/**
 * - `source-address`: the address can't be understood or is not allowed
 * - `source-not-found`: nothing is there now
 * - `source-invalid`: something is there, but no media that can be read
 * - `source-no-video`: media without a picture
 * - `source-unsupported`: a codec, size or feature that can't be handled
 * - `source-credentials`: the server wants other credentials
 * - `source-certificate`: the server's certificate is not trusted
 * - `source-timeout`: nothing came in time
 * - `source-read`: it broke while being read
 * - `source-waiting`: who pushes is not there
 */
export type SourceErrorCode =
  | 'source-address'
  | 'source-not-found'
  | 'source-invalid'
  | 'source-no-video'
  | 'source-unsupported'
  | 'source-credentials'
  | 'source-certificate'
  | 'source-timeout'
  | 'source-read'
  | 'source-waiting';

/** Codes that trying again soon can't mend: the source is reported as failed and tried again slowly. */
const LASTING: ReadonlySet<SourceErrorCode> = new Set([
  'source-address',
  'source-invalid',
  'source-no-video',
  'source-unsupported',
  'source-certificate',
]);

/** Why a source can't be read, in a sentence fit for anybody: it never holds credentials. */
export class SourceError extends Error {
  readonly code: SourceErrorCode;

  constructor(code: SourceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SourceError';
    this.code = code;
  }

  /** Whether trying again soon makes no sense. */
  get lasting(): boolean {
    return LASTING.has(this.code);
  }
}
