import type * as Api from 'node-av/api';
import { Rational, type Frame, type Packet, type Stream } from 'node-av/lib';
import { AV_NOPTS_VALUE } from 'node-av/constants';
import type { AudioPacket } from '../media/audio-packet.ts';
import { FRAME_SAMPLES, OpusEncoder, SAMPLE_RATE } from './opus-encoder.ts';

/** Microseconds in a second: the clock of the frames on their way to the filter. */
const MICROSECONDS = 1_000_000;
/** Samples a second by which sound is stretched or squeezed to stay with its timestamps: 2 %, which nobody hears. */
const STRETCH = SAMPLE_RATE / 50;
/** Seconds by which sound may differ from its timestamps before some is cut out or silence is put in. */
const HARD_S = 0.08;
/** A step of its timestamps that is longer, in milliseconds, is a new timeline: nobody waits for so much silence. */
const CUT_MS = 1000;

/**
 * From coded sound of any kind to Opus: decoded, resampled to 48 kHz stereo, and kept on the wall clock, whatever gaps, drift or jitter
 * its timestamps have.
 */
export class OpusTranscoder {
  readonly #api: typeof Api;
  readonly #decoder: Api.Decoder;
  readonly #encoder: OpusEncoder;
  /** Where the encoder's clock begins, and that of the filter, which begins anew with each timeline: milliseconds since the epoch. */
  #encoderEpoch: number | undefined;
  #filterEpoch = 0;
  #filter: Api.FilterAPI | undefined;
  #shape = '';
  /** When the next frame is due: milliseconds since the epoch. */
  #nextAt = 0;

  private constructor(api: typeof Api, decoder: Api.Decoder, encoder: OpusEncoder) {
    this.#api = api;
    this.#decoder = decoder;
    this.#encoder = encoder;
  }

  /** @throws Error where the codec can't be decoded here */
  static async open(stream: Stream): Promise<OpusTranscoder> {
    // Loaded where it is needed: it takes ten megabytes of every stream process.
    const api = await import('node-av/api');
    const decoder = await api.Decoder.create(stream, { exitOnError: false });
    try {
      return new OpusTranscoder(api, decoder, await OpusEncoder.open());
    } catch (error) {
      decoder.close();
      throw error;
    }
  }

  /**
   * @param packet of the stream; stays the caller's
   * @param offsetMs from the source's clock to the wall clock
   */
  async process(packet: Packet, offsetMs: number): Promise<AudioPacket[]> {
    const opus: AudioPacket[] = [];
    for (const frame of await this.#decoder.decodeAll(packet)) {
      try {
        for (const one of await this.#resample(frame, offsetMs)) {
          for (const { pts, data } of await this.#encoder.encode(one).finally(() => one.free())) {
            opus.push({ codec: 'opus', data, capturedAt: this.#encoderEpoch! + (Number(pts) * 1000) / SAMPLE_RATE });
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
    const ticks = frame.bestEffortTimestamp === AV_NOPTS_VALUE ? frame.pts : frame.bestEffortTimestamp;
    if (ticks === AV_NOPTS_VALUE || den <= 0 || frame.sampleRate <= 0) return [];
    const capturedAt = (Number(ticks) * num * 1000) / den + offsetMs;
    const cut = Math.abs(capturedAt - this.#nextAt) > CUT_MS;
    this.#nextAt = capturedAt + (frame.nbSamples * 1000) / frame.sampleRate;
    const shape = `${frame.sampleRate}/${frame.channels}/${frame.format}`;
    if (shape !== this.#shape || cut) {
      this.#filter?.close();
      this.#filter = this.#api.FilterAPI.create(
        [
          `aresample=${SAMPLE_RATE}:async=${STRETCH}:min_hard_comp=${HARD_S}`,
          'aformat=sample_fmts=s16:channel_layouts=stereo',
          `asetnsamples=n=${FRAME_SAMPLES}:p=0`,
        ].join(','),
        { threads: 1 },
      );
      this.#shape = shape;
      this.#filterEpoch = capturedAt;
      this.#encoderEpoch ??= capturedAt;
    }
    frame.pts = BigInt(Math.round((capturedAt - this.#filterEpoch) * 1000));
    frame.timeBase = new Rational(1, MICROSECONDS);
    const made = await this.#filter!.processAll(frame);
    const shift = BigInt(Math.round(((this.#filterEpoch - this.#encoderEpoch!) * SAMPLE_RATE) / 1000));
    for (const one of made) one.pts += shift;
    return made;
  }
}
