import { z } from 'zod';
import { VIDEO_CODECS } from './video-codec.ts';

/** `annotated`: boxes burned in. `clean`: the source as it is. */
export const Variant = z.enum(['annotated', 'clean']);
export type Variant = z.infer<typeof Variant>;

/** A variant in one codec and size: what is made once, however many take it. */
export const RenditionSpec = z.strictObject({
  variant: Variant,
  codec: z.enum(VIDEO_CODECS),
  /** By what width and height are divided; left out, 1. */
  scale: z.union([z.literal(1), z.literal(2), z.literal(4)]).optional(),
});
export type RenditionSpec = Readonly<z.infer<typeof RenditionSpec>>;

/** The same for equal renditions. */
export function renditionKey({ variant, codec, scale = 1 }: RenditionSpec): string {
  return scale === 1 ? `${variant}/${codec}` : `${variant}/${codec}/${scale}`;
}

/** The states that a source goes through inside its stream process; `ended` is a file that played once. */
export const SourceState = z.enum(['connecting', 'live', 'stalled', 'retrying', 'failed', 'ended']);
export type SourceState = z.infer<typeof SourceState>;

/** What went wrong, in a form that may be shown to anybody: never holds credentials or a stack trace. */
export const Problem = z.strictObject({ code: z.string(), message: z.string() });
export type Problem = z.infer<typeof Problem>;

/** What the decoder found out about a source's video. */
export const VideoInfo = z.strictObject({
  codec: z.string(),
  /** Pixels, upright (rotation applied). */
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  /** Frames a second, nominal; measured where the source does not say. */
  fps: z.number().positive(),
});
export type VideoInfo = z.infer<typeof VideoInfo>;

/** What is known about a source's sound. */
export const AudioInfo = z.strictObject({
  codec: z.string(),
  /** Hz. */
  sampleRate: z.number().int().positive(),
  channels: z.number().int().positive(),
});
export type AudioInfo = z.infer<typeof AudioInfo>;
