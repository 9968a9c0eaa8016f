import type { StreamEvent } from '../pipeline/ipc/events.ts';
import type { StreamStats } from '../pipeline/ipc/stats.ts';
import type { AudioInfo, VideoInfo } from '../pipeline/media/info.ts';
import { SequenceKeeper } from './sequence-keeper.ts';

/** Frames by which the numbers of a new process stay clear of those that the one before it may have used since it told of them. */
const SEQ_MARGIN = 240;

/** What is known about a stream over all of its processes: what was measured, and where its numbers stand. */
export class StreamHistory {
  readonly #sequences = new SequenceKeeper();
  #video: VideoInfo | undefined;
  #audio: AudioInfo | null | undefined;
  #stats: StreamStats | undefined;
  #droppedBefore = 0;
  #restarts = 0;
  #lastSeq = -SEQ_MARGIN;

  /** From an earlier attempt while there is none. */
  get video(): VideoInfo | undefined {
    return this.#video;
  }

  /** As {@link video}; null where the source has none. */
  get audio(): AudioInfo | null | undefined {
    return this.#audio;
  }

  /** The last measurements, while a process runs. */
  get stats(): StreamStats | undefined {
    return this.#stats;
  }

  /** Frames lost to a full pipeline. */
  get dropped(): number {
    return this.#droppedBefore + (this.#stats?.dropped ?? 0);
  }

  /** How often a process ended by itself. */
  get restarts(): number {
    return this.#restarts;
  }

  /** The number of the first frame of the next process; uint32. */
  get nextSeq(): number {
    return (this.#lastSeq + SEQ_MARGIN) >>> 0;
  }

  /** The RTP sequence number that a process' first packet of an output gets. */
  nextSequence(output: number): number {
    return this.#sequences.next(output);
  }

  /** An output was closed for good. */
  forgetSequence(output: number): void {
    this.#sequences.forget(output);
  }

  note(event: Extract<StreamEvent, { type: 'video' | 'audio' | 'progress' | 'stats' }>): void {
    switch (event.type) {
      case 'video':
        this.#video = event.video;
        break;
      case 'audio':
        this.#audio = event.audio;
        break;
      case 'progress':
        this.#lastSeq = event.seq;
        break;
      case 'stats':
        this.#stats = event.stats;
        this.#sequences.note(event.stats);
        break;
    }
  }

  /** A process is gone. */
  endRun(byItself: boolean): void {
    this.#droppedBefore = this.dropped;
    this.#stats = undefined;
    if (byItself) this.#restarts++;
  }

  /** Another source: what was known of it is void. */
  forgetSource(): void {
    this.#video = this.#audio = undefined;
  }
}
