import type { VideoCodec } from '../media/video-codec.ts';
import type { PassthroughSource } from './passthrough-source.ts';
import type { TranscodeReason } from './transcode-reason.ts';

/** What ends by itself. */
const PASSING: ReadonlySet<TranscodeReason> = new Set(['awaiting-keyframe', 'timestamps', 'damaged']);

/** Finds out in which codec the pictures of a source can be sent as they are, from what frames were decoded from. */
export class PassthroughCodec {
  readonly #found: (codec: VideoCodec | null) => void;
  #told: VideoCodec | null | undefined;
  #known = false;

  /** @param found called with each change; null: they can't be */
  constructor(found: (codec: VideoCodec | null) => void) {
    this.#found = found;
  }

  /** Whether the source that is open has shown it. */
  get known(): boolean {
    return this.#known;
  }

  /** A source was opened, perhaps another one. */
  reopen(): void {
    this.#known = false;
  }

  /** @param coded what the next frame was decoded from; undefined: nothing that could be sent */
  note(coded: PassthroughSource = { obstacle: 'codec' }): void {
    if ('obstacle' in coded && PASSING.has(coded.obstacle)) return;
    const codec = 'obstacle' in coded ? null : coded.codec;
    this.#known = true;
    if (codec === this.#told) return;
    this.#told = codec;
    this.#found(codec);
  }
}
