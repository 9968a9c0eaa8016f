import type { EncoderSettings } from './encoder-settings.ts';
import { H264_ENCODERS } from './h264-encoders.ts';
import type { ActiveEncoder } from './options.ts';
import { SOFTWARE_ENCODERS } from './software-encoders.ts';

/** Low-latency settings of every encoder. */
export const ENCODERS: Readonly<Record<ActiveEncoder, EncoderSettings>> = { ...H264_ENCODERS, ...SOFTWARE_ENCODERS };

/** Above this many pixels (720p), a frame is cut in two (slices, tiles) that are encoded at the same time. */
const ONE_THREAD_PIXELS = 1280 * 720;

/** Threads that share a frame of so many pixels. */
export function threadsFor(pixels: number): number {
  return pixels > ONE_THREAD_PIXELS ? 2 : 1;
}

/** Bits a pixel that keep labels and thin lines readable at the encoders' fastest settings. */
const BITS_PER_PIXEL = 0.1;

/**
 * The bitrate for a size and rate where none is set: 2.8 Mbit/s for 720p30, 6.2 Mbit/s for 1080p30.
 * @returns bits a second
 */
export function defaultBitrate(width: number, height: number, fps: number): number {
  return Math.round(Math.min(20_000_000, Math.max(300_000, width * height * Math.min(fps, 60) * BITS_PER_PIXEL)));
}
