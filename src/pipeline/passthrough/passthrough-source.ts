import type { FrameId } from '../frame.ts';
import type { CodedPicture } from '../media/access-unit.ts';
import type { VideoCodec } from '../media/video-codec.ts';
import type { TranscodeReason } from './transcode-reason.ts';

/** One coded picture of a source: what a packet of its container held. */
export interface SourceUnit extends CodedPicture {
  /** Counts the packets that were read; a gap means that some were not. */
  readonly ordinal: number;
  /** The frame that it shows; undefined where its packet has no time by which it could be numbered. */
  readonly id?: FrameId | undefined;
}

/** What a frame was coded as. */
export interface SourceUnits {
  readonly codec: VideoCodec;
  /** Its unit last; before it those since the frame before of which the decoder made no picture: later ones may refer to them. */
  readonly units: readonly SourceUnit[];
}

/** What a frame was coded as, or why that can't be sent. */
export type PassthroughSource = SourceUnits | { readonly obstacle: TranscodeReason };
