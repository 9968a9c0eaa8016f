/** Bits a pixel and frame of the layers that matter; below it, detectors begin to miss what a person still sees. */
const BITS_PER_PIXEL = 0.09;
const MIN_BITRATE = 150_000;
/** Rates of a captured picture that does not tell its own. */
const DEFAULT = { width: 1280, height: 720, frameRate: 30 };

/** Size and rate of a captured picture. */
export type CaptureSize = Pick<MediaTrackSettings, 'width' | 'height' | 'frameRate'>;

/**
 * Simulcast layers of a captured picture, smallest first, as browsers want them (WebRTC §5.2.3): three from 720 lines on, two from 360, else
 * one. A shared screen has one, since its text can't be read in smaller ones.
 */
export function encodingsFor(size: CaptureSize, kind: 'camera' | 'screen', { simulcast = true }: { simulcast?: boolean } = {}): RTCRtpEncodingParameters[] {
  const lines = Math.min(size.width ?? DEFAULT.width, size.height ?? DEFAULT.height);
  const scales = !simulcast || kind === 'screen' || lines < 360 ? [1] : lines < 720 ? [2, 1] : [4, 2, 1];
  return scales.map((scaleResolutionDownBy) => ({
    ...(scales.length === 1 ? {} : { rid: ['f', 'h', 'q'][Math.log2(scaleResolutionDownBy)]! }),
    scaleResolutionDownBy,
    maxBitrate: bitrateFor(size, scaleResolutionDownBy),
  }));
}

/** Bits a second that a layer may have. */
export function bitrateFor({ width = DEFAULT.width, height = DEFAULT.height, frameRate = DEFAULT.frameRate }: CaptureSize, scale: number): number {
  return Math.max(MIN_BITRATE, Math.round((width / scale) * (height / scale) * frameRate * BITS_PER_PIXEL));
}

/** Codecs in the order in which they are offered: H.264 first, since streams are H.264 and it can be forwarded as it is, then VP8, VP9, AV1; what repairs them stays. */
export function codecOrder<Codec extends Pick<RTCRtpCodec, 'mimeType' | 'sdpFmtpLine'>>(codecs: readonly Codec[]): Codec[] {
  return codecs.toSorted((a, b) => rankOf(a) - rankOf(b));
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
