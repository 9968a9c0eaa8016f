import { Decoder, FilterAPI } from 'node-av/api';
import { Rational, type Frame, type Packet, type Stream } from 'node-av/lib';
import { AV_NOPTS_VALUE } from 'node-av/constants';
import { FRAME_SAMPLES, OpusEncoder, SAMPLE_RATE } from './opus-encoder.ts';

/** One Opus packet with its time. */
export interface TimedOpus {
  /** Of its first sample: milliseconds since the epoch. */
  readonly capturedAt: number;
  readonly data: Buffer;
}

/** Microseconds in a second: the clock of the frames on their way to the filter. */
const MICROSECONDS = 1_000_000;
/** Samples a second by which sound is stretched or squeezed to stay with its timestamps: 2 %, which nobody hears. */
const STRETCH = SAMPLE_RATE / 50;
/** Seconds by which sound may differ from its timestamps before some is cut out or silence is put in. */
const HARD_S = 0.08;

/**
 * From coded sound of any kind to Opus: decoded, resampled to 48 kHz stereo, and kept on the wall clock, whatever gaps, drift or jitter
 * its timestamps have.
 */
export class SoundChain {
  readonly #decoder: Decoder;
  readonly #encoder: OpusEncoder;
  /** Where the filter's clock begins: milliseconds since the epoch. */
  readonly #epoch: number;
  #filter: FilterAPI | undefined;
  #shape = '';

  private constructor(decoder: Decoder, encoder: OpusEncoder, epoch: number) {
    this.#decoder = decoder;
    this.#encoder = encoder;
    this.#epoch = epoch;
  }

  /**
   * @param epoch milliseconds since the epoch, from which it counts
   * @throws Error where the codec can't be decoded here
   */
  static async open(stream: Stream, epoch: number): Promise<SoundChain> {
    const decoder = await Decoder.create(stream, { exitOnError: false });
    try {
      return new SoundChain(decoder, await OpusEncoder.open(), epoch);
    } catch (error) {
      decoder.close();
      throw error;
    }
  }

  /**
   * @param packet of the stream; stays the caller's
   * @param offsetMs from the source's clock to the wall clock
   */
  async process(packet: Packet, offsetMs: number): Promise<TimedOpus[]> {
    const opus: TimedOpus[] = [];
    for (const frame of await this.#decoder.decodeAll(packet)) {
      try {
        for (const one of await this.#resample(frame, offsetMs)) {
          for (const { pts, data } of await this.#encoder.encode(one).finally(() => one.free())) {
            opus.push({ data, capturedAt: this.#epoch + (Number(pts) * 1000) / SAMPLE_RATE });
          }
        }
      } finally {
        frame.free();
      }
    }
    return opus;
  }

  /** Not during `process`. */
  close(): void {
    this.#filter?.close();
    this.#decoder.close();
    this.#encoder.close();
  }

  async #resample(frame: Frame, offsetMs: number): Promise<Frame[]> {
    const { num, den } = frame.timeBase;
    if (frame.pts === AV_NOPTS_VALUE || den <= 0) return [];
    frame.pts = BigInt(Math.round(((Number(frame.pts) * num * 1000) / den + offsetMs - this.#epoch) * 1000));
    frame.timeBase = new Rational(1, MICROSECONDS);
    // What it counts from has not come yet.
    if (frame.pts < 0n) return [];
    const shape = `${frame.sampleRate}/${frame.channels}/${frame.format}`;
    if (shape !== this.#shape) {
      this.#filter?.close();
      this.#filter = FilterAPI.create(
        [
          `aresample=${SAMPLE_RATE}:async=${STRETCH}:min_hard_comp=${HARD_S}`,
          'aformat=sample_fmts=s16:channel_layouts=stereo',
          `asetnsamples=n=${FRAME_SAMPLES}:p=0`,
        ].join(','),
        { threads: 1 },
      );
      this.#shape = shape;
    }
    return this.#filter!.processAll(frame);
  }
}
