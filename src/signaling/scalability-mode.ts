import { z } from 'zod';

/**
 * The layers of one RTP stream (WebRTC-SVC, https://www.w3.org/TR/webrtc-svc/#scalabilitymodes): up to three sizes (`L`), each half of the next, and up to three frame
 * rates (`T`). With `_KEY`, sizes refer to each other in key frames only.
 */
export const ScalabilityMode = z.string().regex(/^L[1-3]T[1-3](_KEY)?$/, 'Is none of L1T1 … L3T3, L2T1_KEY … L3T3_KEY (WebRTC-SVC).');
export type ScalabilityMode = z.infer<typeof ScalabilityMode>;

/** The smallest spatial layer that is at least as wide, else the largest; each is half as wide as the next. Widths are in pixels. */
export function layerFor(width: number, sourceWidth: number, spatialLayers: number): number {
  const largest = spatialLayers - 1;
  const smaller = Math.floor(Math.log2(sourceWidth / width));
  return Math.max(0, largest - Math.max(0, smaller));
}
