import { z } from 'zod';

/** The encoders that can be tried, in the order of preference. */
export const EncoderName = z.enum(['nvenc', 'qsv', 'vaapi', 'x264']);
export type EncoderName = z.infer<typeof EncoderName>;

/** The encoders that may be in use: those, and the software encoders of the other codecs. */
export const ActiveEncoder = z.enum([...EncoderName.options, 'libvpx', 'libvpx-vp9', 'svt-av1']);
export type ActiveEncoder = z.infer<typeof ActiveEncoder>;

/** x264's presets in use, from the one that costs least to the one that gives most quality for the bits. */
export const X264Preset = z.enum(['ultrafast', 'superfast', 'veryfast']);
export type X264Preset = z.infer<typeof X264Preset>;

/** Profiles of H.264; `baseline` is constrained baseline. */
export const H264Profile = z.enum(['baseline', 'main', 'high']);
export type H264Profile = z.infer<typeof H264Profile>;

/** How a stream is encoded. */
export const EncoderOptions = z.strictObject({
  /** Encoders to try, first come first served; the first whose test encode works is taken. */
  chain: z.array(EncoderName).min(1).default(['nvenc', 'qsv', 'vaapi', 'x264']),
  /** Bits a second: the most that x264 spends, the target of the others; left out, it follows from the picture's size and rate. */
  bitrate: z.number().int().min(50_000).max(100_000_000).optional(),
  /** x264 preset; `auto`: the best that encodes in time and that the machine has room for. */
  preset: z.enum(['auto', ...X264Preset.options]).default('auto'),
  /** Of H.264; every WebRTC endpoint with H.264 decodes `baseline` alone (RFC 7742 §6.2). */
  profile: H264Profile.default('baseline'),
  /** Milliseconds between IDR frames that nobody asked for; recorders need them. */
  idrIntervalMs: z.number().int().min(500).max(600_000).default(4000),
  /** Keeps every frame within one frame's share of the bitrate (one-frame VBV): steadier delay on thin lines, lower quality. */
  oneFrameVbv: z.boolean().default(false),
  /** Send the clean variant as the source or the publisher has it, where that can be done. */
  forward: z.boolean().default(true),
});
export type EncoderOptions = z.infer<typeof EncoderOptions>;
