import type { RtpCapabilities, RtpParameters } from 'mediasoup/types';
import type { Variant } from '../pipeline/media/info.ts';
import type { PayloadTypes } from './codecs.ts';

/** What a viewer requests. */
export interface ViewerRequest {
  readonly variant: Variant;
  readonly rtpCapabilities: RtpCapabilities;
  /** The payload types that the viewer expects; left out, the usual ones. */
  readonly payloadTypes?: PayloadTypes;
  /** Open a data channel for annotations. */
  readonly data: boolean;
  /** The viewer can read packed annotations. */
  readonly packed?: boolean;
  /** The media identification that the viewer's description gives the video (RFC 5888). */
  readonly mid?: string;
}

/** What a publisher offers over WebRTC. */
export interface PublishRequest {
  /** What it sends, with its own payload types and header extension ids. */
  readonly video: RtpParameters;
  readonly audio?: RtpParameters | undefined;
}
