import type { Box } from '../../annotation.ts';
import type { FrameId } from '../../frame.ts';
import type { Picture } from '../../picture.ts';
import { frameBox } from '../frame-box.ts';
import { cropOf, type InputScaler, type ScaledInput } from '../input-scaler.ts';
import { sift, type Sifted } from '../sift.ts';
import type { Asked } from '../spec.ts';
import type { Detected } from './ports.ts';
import type { FrameChoice } from './wire.ts';
import type { OfferedFrame } from './worker.ts';

/** The size in which somebody wants a frame. */
export type Want = Pick<FrameChoice, 'width' | 'height' | 'resize'>;

/** A frame as it is given to an algorithm: what is said about it, and its picture. */
export interface GivenFrame {
  readonly about: Omit<OfferedFrame, 'stream' | 'picture'>;
  readonly input: ScaledInput;
}

/** Makes the picture of a frame that is wanted. @throws Error where libav can't scale it */
export function givenFrame(scaler: InputScaler, frame: FrameId, picture: Picture, want: Want, region: Box | undefined): GivenFrame {
  const size = sizeOf(picture, region, want);
  const input = scaler.scale(frame, picture, { ...size, resize: 'stretch', anchor: 'top-left', pad: 0, region, packed: true });
  const { seq, rtp, capturedAt } = frame;
  const source = { width: picture.width, height: picture.height };
  return { about: { seq, rtp, capturedAt, ...size, source, region: input.crop }, input };
}

/** Of what was seen on a picture that which was asked for, in its place on the frame. @param crop the part of the frame that the picture showed */
export function placed(seen: readonly Detected[], { name, threshold = 0, classes }: { readonly name: string } & Pick<Asked, 'threshold' | 'classes'>, crop: Box): Sifted {
  const wanted = seen.filter(({ label }) => classes?.includes(label) ?? true);
  return sift(wanted.map(({ label, score, box }) => ({ detector: name, label, score, box: frameBox(box, crop) })), threshold);
}

/** Pixels of the picture that is made of a frame. */
function sizeOf(picture: { readonly width: number; readonly height: number }, region: Box | undefined, want: Want): { width: number; height: number } {
  if (want.resize === 'stretch') return { width: want.width, height: want.height };
  const crop = cropOf(picture, region);
  const ratio = Math.min(1, want.width / crop.width, want.height / crop.height);
  return { width: Math.max(1, Math.round(crop.width * ratio)), height: Math.max(1, Math.round(crop.height * ratio)) };
}
