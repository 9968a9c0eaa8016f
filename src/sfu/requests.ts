import type { RtpCapabilities, RtpParameters } from 'mediasoup/types';
import type { Variant } from '../pipeline/media/info.ts';
import type { PayloadTypes } from './codecs.ts';

/** What a viewer asks for. */
export interface ViewerRequest {
  readonly variant: Variant;
  readonly rtpCapabilities: RtpCapabilities;
  /** Under which payload types the viewer expects H.264; left out, the usual ones. */
  readonly payloadTypes?: PayloadTypes;
  /** Open a data channel for annotations. */
  readonly data: boolean;
  /** The viewer understands packed annotations. */
  readonly packed?: boolean;
  /** The media identification that the viewer's description gives the video (RFC 5888). */
  readonly mid?: string;
}

/** What a publisher offers over WebRTC. */
export interface PublishRequest {
  /** What it sends, in its own payload types and identifiers. */
  readonly video: RtpParameters;
  readonly audio?: RtpParameters | undefined;
}
