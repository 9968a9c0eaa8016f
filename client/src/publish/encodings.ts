/** Bits a pixel and frame of the layers that matter; below it, detectors begin to miss what a person still sees. */
const BITS_PER_PIXEL = 0.09;
const MIN_BITRATE = 150_000;
/** Of a captured picture that does not tell its own. */
const DEFAULT = { width: 1280, height: 720, frameRate: 30 };

/** The codec whose layers the server takes apart. */
export const LAYERED_CODEC = 'video/VP9';

/** Sizes and frame rates in one RTP stream, by the name that WebRTC-SVC gives them. */
export type ScalabilityMode = 'L2T1' | 'L3T1';

/** Size and rate of a captured picture. */
export type CaptureSize = Pick<MediaTrackSettings, 'width' | 'height' | 'frameRate'>;

/**
 * How one RTP stream holds a captured picture in several sizes, each half of the next (WebRTC-SVC): three from 720 lines on, two from 360; undefined for one. A shared screen
 * has one, since its text can't be read in smaller ones.
 */
export function layersFor(size: CaptureSize, kind: 'camera' | 'screen'): ScalabilityMode | undefined {
  const { width, height } = known(size);
  const lines = Math.min(width, height);
  return kind === 'screen' || lines < 360 ? undefined : lines < 720 ? 'L2T1' : 'L3T1';
}

/** Bits a second that a picture may have, all its layers together. */
export function bitrateFor(size: CaptureSize): number {
  const { width, height, frameRate } = known(size);
  return Math.max(MIN_BITRATE, Math.round(width * height * frameRate * BITS_PER_PIXEL));
}

/** A canvas that gives frames when it is told to says 0 for their rate. */
export function known({ width, height, frameRate }: CaptureSize): Required<CaptureSize> {
  return { width: width || DEFAULT.width, height: height || DEFAULT.height, frameRate: frameRate || DEFAULT.frameRate };
}

/**
 * Codecs in the order in which they are offered: H.264 first, since streams are H.264 and it can be forwarded as it is, then VP8, VP9, AV1; what repairs them stays.
 * @param layered VP9 first, which alone has layers that the server takes apart
 */
export function codecOrder<Codec extends Pick<RTCRtpCodec, 'mimeType' | 'sdpFmtpLine'>>(codecs: readonly Codec[], layered = false): Codec[] {
  const rank = (codec: Codec): number => (layered && isLayered(codec) ? -1 : rankOf(codec));
  return codecs.toSorted((a, b) => rank(a) - rank(b));
}

/** Profile 0 is what everybody decodes. */
function isLayered({ mimeType, sdpFmtpLine = '' }: Pick<RTCRtpCodec, 'mimeType' | 'sdpFmtpLine'>): boolean {
  return mimeType.toLowerCase() === LAYERED_CODEC.toLowerCase() && !/profile-id=[1-9]/.test(sdpFmtpLine);
}

function rankOf({ mimeType, sdpFmtpLine = '' }: Pick<RTCRtpCodec, 'mimeType' | 'sdpFmtpLine'>): number {
  switch (mimeType.toLowerCase()) {
    case 'video/h264':
      // Packetization-mode 0 allows no fragments; constrained baseline is what everybody decodes (RFC 7742 §6.2).
      return !/packetization-mode=1/.test(sdpFmtpLine) ? 6 : /profile-level-id=42e0/i.test(sdpFmtpLine) ? 0 : /profile-level-id=42/i.test(sdpFmtpLine) ? 1 : 2;
    case 'video/vp8':
      return 3;
    case 'video/vp9':
      return 4;
    case 'video/av1':
      return 5;
    default:
      return 7;
  }
}
