import type { Logger } from 'pino';
import type { AnnotationMessage } from './annotation.ts';
import type { Overlay } from './compose/overlay.ts';
import type { EncoderOptions } from './encode/options.ts';
import { VariantOutput } from './encode/variant-output.ts';
import type { FrameId } from './frame.ts';
import { copyPicture } from './libav-picture.ts';
import type { RenditionStats } from './ipc/stats.ts';
import { renditionKey, type Rendition, type Variant } from './media/info.ts';
import type { Picture } from './picture.ts';
import type { Coded } from './passthrough/coded.ts';
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

interface Output {
  readonly rendition: Rendition;
  readonly output: VariantOutput;
}

/** The renditions that somebody uses: each variant is drawn once, and each rendition made once, whatever the number of its viewers. */
export class OutputBank {
  readonly #options: OutputBankOptions;
  readonly #outputs = new Map<string, Output>();

  constructor(options: OutputBankOptions) {
    this.#options = options;
  }

  /** Starts a rendition, or moves a running one to another target. */
  start(rendition: Rendition, target: RtpTarget, firstSequence: number): Promise<void> {
    const key = renditionKey(rendition);
    const running = this.#outputs.get(key);
    if (running !== undefined) return running.output.start(target, firstSequence);
    const { variant, codec } = rendition;
    const { stream, encoder, fps, logger, onSent } = this.#options;
    const output = new VariantOutput({
      stream,
      variant,
      codec,
      options: encoder,
      fps,
      logger: logger.child(rendition),
      onSent: (id, sentAt) => onSent(variant, id, sentAt),
    });
    this.#outputs.set(key, { rendition, output });
    return output.start(target, firstSequence);
  }

  async stop(rendition: Rendition): Promise<void> {
    const key = renditionKey(rendition);
    const running = this.#outputs.get(key);
    this.#outputs.delete(key);
    await running?.output.close();
  }

  requestKeyframe(variant: Variant): void {
    for (const output of this.#of(variant)) output.requestKeyframe();
  }

  setBitrate(variant: Variant, bitrate: number): void {
    for (const output of this.#of(variant)) output.setBitrate(bitrate);
  }

  /** Whether this variant is made. */
  makes(variant: Variant): boolean {
    return this.#of(variant).length > 0;
  }

  /** Whether any variant is made. */
  get active(): boolean {
    return this.#outputs.size > 0;
  }

  /** Every variant begins anew with its next frame: what comes has nothing to do with what was before. */
  cut(): void {
    for (const { output } of this.#outputs.values()) output.requestKeyframe();
  }

  /**
   * Draws upon the picture. Resolves when every rendition is done with the frame.
   * @param coded what the picture was decoded from
   */
  async push(id: FrameId, picture: Picture, message: AnnotationMessage, coded: Coded): Promise<void> {
    const clean = this.#of('clean').map((output) => ({ output, forwarded: output.forward(id, coded) }));
    const annotated = this.#of('annotated');
    // Drawing changes the picture, so that the clean variant needs one of its own while both are made of it.
    const shared = clean.some(({ forwarded }) => forwarded === undefined);
    const canvas = annotated.length === 0 ? undefined : shared ? copyPicture(picture) : picture;
    try {
      if (canvas !== undefined) this.#options.overlay.draw(canvas, message);
      await Promise.all([
        ...clean.map(({ output, forwarded }) => forwarded ?? output.push(id, picture.frame, picture.range)),
        ...annotated.map((output) => canvas && output.push(id, canvas.frame, canvas.range)),
      ]);
    } finally {
      if (canvas !== picture) canvas?.release();
    }
  }

  stats(): RenditionStats[] {
    return [...this.#outputs.values()].map(({ rendition, output }) => ({ ...rendition, ...output.stats() }));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#outputs.values()].map(({ rendition }) => this.stop(rendition)));
  }

  #of(variant: Variant): VariantOutput[] {
    return [...this.#outputs.values()].filter(({ rendition }) => rendition.variant === variant).map(({ output }) => output);
  }
}
