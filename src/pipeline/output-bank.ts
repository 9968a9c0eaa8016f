import type { Logger } from 'pino';
import type { AnnotationMessage } from './annotation.ts';
import type { AudioTrack } from './audio/audio-track.ts';
import type { Overlay } from './compose/overlay.ts';
import type { EncoderOptions } from './encode/options.ts';
import { Rendition } from './encode/rendition.ts';
import type { FrameId } from './frame.ts';
import type { Output } from './ipc/outputs.ts';
import type { OutputStats, RenditionStats } from './ipc/stats.ts';
import { copyPicture } from './libav-picture.ts';
import { renditionKey, type RenditionSpec, type Variant } from './media/info.ts';
import { PictureLadder, type Rungs } from './picture-ladder.ts';
import type { Picture } from './picture.ts';
import type { PassthroughSource } from './passthrough/passthrough-source.ts';
import { AudioRtpSink } from './sinks/audio-rtp-sink.ts';
import { RtpSink } from './sinks/rtp-sink.ts';
import type { SinkStats } from './sinks/sink.ts';

export interface OutputBankOptions {
  readonly stream: string;
  readonly overlay: Overlay;
  readonly audio: AudioTrack;
  readonly encoder: EncoderOptions;
  /** Frames a second, for the encoder's rate control. */
  readonly fps: () => number;
  readonly logger: Logger;
  /** The last packet of a frame has left; `sentAt` in milliseconds since the epoch. */
  readonly onSent: (id: FrameId, sentAt: number) => void;
  /** Outputs came or went. */
  readonly onChanged: () => void;
}

/** An open output. */
interface Opened {
  readonly stats: () => SinkStats;
  readonly close: () => Promise<void>;
}

/**
 * The outputs of a stream process. Each variant is drawn once, each rendition made once while it has an output, whatever the number of
 * outputs and of viewers behind them.
 */
export class OutputBank {
  readonly #options: OutputBankOptions;
  readonly #renditions = new Map<string, Rendition>();
  readonly #outputs = new Map<number, Opened>();
  readonly #ladders: Readonly<Record<Variant, PictureLadder>> = { annotated: new PictureLadder(), clean: new PictureLadder() };

  constructor(options: OutputBankOptions) {
    this.#options = options;
  }

  /**
   * Opens an output; one with this id is closed before.
   * @param firstSequence of RTP: the first sequence number
   * @throws Error where its sink can't be opened
   */
  async open(id: number, output: Output, firstSequence: number): Promise<void> {
    await this.close(id);
    this.#outputs.set(id, output.of === 'audio' ? await this.#openAudio(output, firstSequence) : await this.#openVideo(output, firstSequence));
    this.#options.onChanged();
  }

  /** Ends what was made for this output alone. Idempotent. */
  async close(id: number): Promise<void> {
    const opened = this.#outputs.get(id);
    if (opened === undefined) return;
    this.#outputs.delete(id);
    await opened.close();
    this.#options.onChanged();
  }

  /** Whether this variant is made. */
  makes(variant: Variant): boolean {
    return this.#of(variant).length > 0;
  }

  /** Whether any variant is made. */
  get active(): boolean {
    return this.#renditions.size > 0;
  }

  /** Whether what is made needs pictures, rather than only the source's own access units. */
  get needsPictures(): boolean {
    return [...this.#renditions.values()].some((rendition) => rendition.encodes);
  }

  /** Every rendition begins anew with its next frame: what comes has nothing to do with what was before. */
  cut(): void {
    for (const rendition of this.#renditions.values()) rendition.requestKeyframe();
  }

  /**
   * Draws upon the picture. Resolves when every rendition is done with the frame.
   * @param picture undefined where the frame was not decoded; renditions that need it leave the frame out
   * @param source what the frame was coded as
   */
  async push(id: FrameId, picture: Picture | undefined, message: AnnotationMessage, source: PassthroughSource): Promise<void> {
    const clean = this.#of('clean').map((rendition) => {
      const forwarded = (rendition.spec.scale ?? 1) === 1 ? rendition.forward(id, source) : undefined;
      return { rendition, forwarded };
    });
    const passed = clean.flatMap(({ forwarded }) => forwarded ?? []);
    if (picture === undefined) return void (await Promise.all(passed));
    const encoded = clean.flatMap(({ rendition, forwarded }) => (forwarded === undefined ? [rendition] : []));
    const annotated = this.#of('annotated');
    // Drawing changes the picture: it needs one of its own while the clean variant is made of it too, or it is the decoder's.
    const canvas = annotated.length === 0 ? undefined : encoded.length > 0 || !picture.writable ? copyPicture(picture) : picture;
    const rungs: Rungs[] = [];
    const push = async (renditions: readonly Rendition[], whole: Picture, ladder: PictureLadder): Promise<void> => {
      const scaled = ladder.of(whole);
      rungs.push(scaled);
      await Promise.all(
        renditions.map(async (rendition) => {
          const { frame, range } = await scaled.at(rendition.spec.scale ?? 1);
          await rendition.push(id, frame, range);
        }),
      );
    };
    try {
      if (canvas !== undefined) this.#options.overlay.draw(canvas, message);
      await Promise.all([...passed, push(encoded, picture, this.#ladders.clean), ...(canvas === undefined ? [] : [push(annotated, canvas, this.#ladders.annotated)])]);
    } finally {
      for (const one of rungs) one.release();
      if (canvas !== picture) canvas?.release();
    }
  }

  stats(): { renditions: RenditionStats[]; outputs: OutputStats[] } {
    return {
      renditions: [...this.#renditions.values()].map((rendition) => rendition.stats()),
      outputs: [...this.#outputs].map(([id, { stats }]) => {
        const { dropped, sequence } = stats();
        return { id, dropped, ...(sequence === undefined ? {} : { sequence }) };
      }),
    };
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#outputs.keys()].map((id) => this.close(id)));
    for (const ladder of Object.values(this.#ladders)) ladder.close();
  }

  async #openVideo({ rendition: spec, sink: { target } }: Extract<Output, { of: 'video' }>, firstSequence: number): Promise<Opened> {
    const { stream, logger, onSent } = this.#options;
    const rendition = this.#renditionOf(spec);
    const sink = await RtpSink.create({
      codec: spec.codec,
      target,
      firstSequence,
      cname: `${stream}/${spec.variant}`,
      logger: logger.child(spec),
      onKeyframeRequest: () => rendition.requestKeyframe(),
      onSent,
    });
    rendition.add(sink);
    const close = async (): Promise<void> => {
      rendition.remove(sink);
      sink.close();
      if (rendition.used) return;
      this.#renditions.delete(renditionKey(spec));
      await rendition.close();
    };
    return { stats: () => sink.stats(), close };
  }

  async #openAudio({ sink: { target } }: Extract<Output, { of: 'audio' }>, firstSequence: number): Promise<Opened> {
    const { stream, audio, logger } = this.#options;
    const sink = await AudioRtpSink.create({ target, firstSequence, cname: `${stream}/audio`, logger });
    audio.add(sink);
    const close = async (): Promise<void> => {
      audio.remove(sink);
      sink.close();
    };
    return { stats: () => sink.stats(), close };
  }

  #renditionOf(spec: RenditionSpec): Rendition {
    const key = renditionKey(spec);
    const { encoder, fps, logger } = this.#options;
    const rendition = this.#renditions.get(key) ?? new Rendition({ spec, options: encoder, fps, logger: logger.child(spec) });
    this.#renditions.set(key, rendition);
    return rendition;
  }

  #of(variant: Variant): Rendition[] {
    return [...this.#renditions.values()].filter(({ spec }) => spec.variant === variant);
  }
}
