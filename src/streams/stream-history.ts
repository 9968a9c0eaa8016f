import type { StreamEvent } from '../pipeline/ipc/events.ts';
import type { StreamStats } from '../pipeline/ipc/stats.ts';
import type { AudioInfo, VideoInfo } from '../pipeline/media/info.ts';
import { SequenceKeeper } from './sequence-keeper.ts';

/** Frame numbers that a new process skips, because the previous one may have used them since it last reported. */
const SEQ_MARGIN = 240;

/** What is known of a stream across its processes: measurements, and the next frame and sequence numbers. */
export class StreamHistory {
  readonly #sequences = new SequenceKeeper();
  #video: VideoInfo | undefined;
  #audio: AudioInfo | null | undefined;
  #stats: StreamStats | undefined;
  #droppedBefore = 0;
  #restarts = 0;
  #lastSeq = -SEQ_MARGIN;

  /** From the previous attempt until the current one knows. */
  get video(): VideoInfo | undefined {
    return this.#video;
  }

  /** As {@link video}; null if the source has none. */
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

  /** Number of processes that exited by themselves. */
  get restarts(): number {
    return this.#restarts;
  }

  /** The number of the first frame of the next process; uint32. */
  get nextSeq(): number {
    return (this.#lastSeq + SEQ_MARGIN) >>> 0;
  }

  /** The RTP sequence number of a process' first packet of an output. */
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

  /** Notes that a process has exited. */
  endRun(byItself: boolean): void {
    this.#droppedBefore = this.dropped;
    this.#stats = undefined;
    if (byItself) this.#restarts++;
  }

  /** Forgets what is known of the source, when it is replaced. */
  forgetSource(): void {
    this.#video = this.#audio = undefined;
  }
}
