import { threadsFor } from './encoders.ts';
import { MachineLoad } from './machine-load.ts';
import type { EncoderOptions, X264Preset } from './options.ts';
import { PresetGovernor } from './preset-governor.ts';

/** Of this process' machine: all outputs look at it together. */
const here = new MachineLoad();

/** A frame that is about to be encoded. */
export interface NextFrame {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Nominal frames a second. */
  readonly fps: number;
  readonly idrDue: boolean;
}

/** x264's preset of one output: the one that is configured, or what a governor makes of the frames' encode times. */
export class PresetControl {
  readonly #fixed: X264Preset | undefined;
  readonly #load: Pick<MachineLoad, 'headroom'>;
  readonly #jitter: number;
  #governor: PresetGovernor | undefined;
  #pixels = 0;
  #intervalMs = 1000;
  /** The next encode opens an encoder, which takes its own time. */
  #opens = false;

  /** @param jitter 0…1, as {@link PresetGovernor} takes it */
  constructor(preset: EncoderOptions['preset'], load: Pick<MachineLoad, 'headroom'> = here, jitter = Math.random()) {
    this.#fixed = preset === 'auto' ? undefined : preset;
    this.#load = load;
    this.#jitter = jitter;
  }

  /**
   * @param open of the encoder that is open; undefined where none is
   * @param at milliseconds on a clock that does not step back
   */
  choose({ width, height, fps, idrDue }: NextFrame, open: X264Preset | undefined, at: number): X264Preset {
    if (this.#fixed !== undefined) return this.#fixed;
    const pixels = width * height;
    if (this.#governor === undefined || pixels !== this.#pixels) {
      this.#governor = new PresetGovernor(this.#jitter);
      this.#pixels = pixels;
    }
    this.#intervalMs = 1000 / fps;
    const preset = this.#governor.choose({
      at,
      intervalMs: this.#intervalMs,
      pixels,
      threads: threadsFor(pixels),
      headroom: this.#load.headroom(at),
      idrDue: idrDue || open === undefined,
    });
    this.#opens = preset !== open;
    return preset;
  }

  /** What the frame of the last choice has taken, in ms. */
  encoded(ms: number): void {
    if (!this.#opens) this.#governor?.encoded(ms, this.#intervalMs);
  }

  /** A frame has been dropped because one before it was still being encoded. */
  dropped(): void {
    this.#governor?.dropped();
  }
}
