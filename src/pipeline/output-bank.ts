import type { Logger } from 'pino';
import type { AnnotationMessage } from './annotation.ts';
import type { Overlay } from './compose/overlay.ts';
import type { EncoderOptions } from './encode/options.ts';
import { VariantOutput } from './encode/variant-output.ts';
import type { FrameId } from './frame.ts';
import { copyPicture } from './libav-picture.ts';
import type { Variant, VariantStats } from './messages.ts';
import type { Picture } from './picture.ts';
import type { Coded } from './repack/coded.ts';
import type { RtpTarget } from './rtp/target.ts';

export interface OutputBankOptions {
  readonly stream: string;
  readonly overlay: Overlay;
  readonly encoder: EncoderOptions;
  /** Frames a second, for the encoder's rate control. */
  readonly fps: () => number;
  readonly logger: Logger;
  /** The last packet of a frame has left; `sentAt` in milliseconds since the epoch. */
  readonly onSent: (variant: Variant, id: FrameId, sentAt: number) => void;
}

/** The variants that somebody uses: each is drawn and encoded once, whatever the number of its viewers. */
export class OutputBank {
  readonly #options: OutputBankOptions;
  readonly #outputs = new Map<Variant, VariantOutput>();

  constructor(options: OutputBankOptions) {
    this.#options = options;
  }

  /** Starts a variant, or moves a running one to another target. */
  start(variant: Variant, target: RtpTarget, firstSequence: number): Promise<void> {
    let output = this.#outputs.get(variant);
    if (output === undefined) {
      const { stream, encoder, fps, logger, onSent } = this.#options;
      output = new VariantOutput({
        stream,
        variant,
        options: encoder,
        fps,
        logger: logger.child({ variant }),
        onSent: (id, sentAt) => onSent(variant, id, sentAt),
      });
      this.#outputs.set(variant, output);
    }
    return output.start(target, firstSequence);
  }

  async stop(variant: Variant): Promise<void> {
    const output = this.#outputs.get(variant);
    this.#outputs.delete(variant);
    await output?.close();
  }

  requestKeyframe(variant: Variant): void {
    this.#outputs.get(variant)?.requestKeyframe();
  }

  setBitrate(variant: Variant, bitrate: number): void {
    this.#outputs.get(variant)?.setBitrate(bitrate);
  }

  /** Whether this variant is made. */
  makes(variant: Variant): boolean {
    return this.#outputs.has(variant);
  }

  /** Whether any variant is made. */
  get active(): boolean {
    return this.#outputs.size > 0;
  }

  /** Every variant begins anew with its next frame: what comes has nothing to do with what was before. */
  cut(): void {
    for (const output of this.#outputs.values()) output.requestKeyframe();
  }

  /**
   * Draws upon the picture. Resolves when every variant is done with the frame.
   * @param coded what the picture was decoded from
   */
  async push(id: FrameId, picture: Picture, message: AnnotationMessage, coded: Coded): Promise<void> {
    const clean = this.#outputs.get('clean');
    const annotated = this.#outputs.get('annotated');
    const forwarded = clean?.forward(id, coded);
    // Drawing changes the picture, so that the clean variant needs one of its own while both are made of it.
    const shared = clean !== undefined && forwarded === undefined;
    const canvas = annotated === undefined ? undefined : shared ? copyPicture(picture) : picture;
    try {
      if (canvas !== undefined) this.#options.overlay.draw(canvas, message);
      await Promise.all([
        forwarded ?? clean?.push(id, picture.frame, picture.range),
        canvas === undefined ? undefined : annotated?.push(id, canvas.frame, canvas.range),
      ]);
    } finally {
      if (canvas !== picture) canvas?.release();
    }
  }

  stats(): Partial<Record<Variant, VariantStats>> {
    return Object.fromEntries([...this.#outputs].map(([variant, output]) => [variant, output.stats()]));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#outputs.keys()].map((variant) => this.stop(variant)));
  }
}
