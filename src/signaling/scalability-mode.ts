import { z } from 'zod';

/**
 * Layers of a picture that are sent as one RTP stream, on one timeline (WebRTC-SVC, https://www.w3.org/TR/webrtc-svc/#scalabilitymodes): up to three sizes (`L`), each half
 * of the next, and up to three frame rates (`T`); with `_KEY` sizes refer to each other in key frames alone.
 */
export const ScalabilityMode = z.string().regex(/^L[1-3]T[1-3](_KEY)?$/, 'Is none of L1T1 … L3T3, L2T1_KEY … L3T3_KEY (WebRTC-SVC).');
export type ScalabilityMode = z.infer<typeof ScalabilityMode>;
