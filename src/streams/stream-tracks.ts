import type { StreamCommand } from '../pipeline/ipc/commands.ts';
import { renditionKey, type Rendition, type Variant } from '../pipeline/media/info.ts';
import type { RtpTarget } from '../pipeline/rtp/target.ts';
import type { BroadcastPort } from './ports.ts';
import type { Track } from './sequence-keeper.ts';

/** What {@link StreamTracks} are made from. */
export interface StreamTracksInit {
  readonly broadcast: Pick<BroadcastPort, 'on'>;
  /** Whether a process takes commands. */
  readonly running: () => boolean;
  /** Tells the process; lost where none takes commands. */
  readonly send: (command: StreamCommand) => void;
  /** Takes the RTP sequence number that a process' first packet of a track gets. */
  readonly firstSequence: (track: Track) => number;
  /** {@link StreamTracks.variants} are others now. */
  readonly changed: () => void;
}

/** Which renditions of a stream, and whether its sound, the SFU needs, and where it wants them; kept over all of its processes. */
export class StreamTracks {
  readonly #init: StreamTracksInit;
  readonly #renditions = new Map<string, { readonly rendition: Rendition; readonly target: RtpTarget }>();
  #audio: RtpTarget | undefined;

  constructor(init: StreamTracksInit) {
    this.#init = init;
    const { broadcast, send, changed } = init;
    broadcast.on('start', (rendition, target) => {
      this.#renditions.set(renditionKey(rendition), { rendition, target });
      this.#startRendition(rendition, target);
      changed();
    });
    broadcast.on('stop', (rendition) => {
      if (!this.#renditions.delete(renditionKey(rendition))) return;
      send({ type: 'rendition-stop', rendition });
      changed();
    });
    broadcast.on('audio-start', (target) => {
      this.#audio = target;
      this.#startAudio(target);
    });
    broadcast.on('audio-stop', () => {
      this.#audio = undefined;
      send({ type: 'audio-stop' });
    });
    broadcast.on('keyframe', (variant) => send({ type: 'keyframe', variant }));
  }

  /** Those that are needed. */
  get variants(): Variant[] {
    return [...new Set([...this.#renditions.values()].map(({ rendition }) => rendition.variant))];
  }

  /** Tells a new process of all that is needed. */
  begin(): void {
    for (const { rendition, target } of this.#renditions.values()) this.#startRendition(rendition, target);
    if (this.#audio !== undefined) this.#startAudio(this.#audio);
  }

  #startRendition(rendition: Rendition, target: RtpTarget): void {
    const { running, send, firstSequence } = this.#init;
    if (running()) send({ type: 'rendition-start', rendition, target, firstSequence: firstSequence(rendition) });
  }

  #startAudio(target: RtpTarget): void {
    const { running, send, firstSequence } = this.#init;
    if (running()) send({ type: 'audio-start', target, firstSequence: firstSequence('audio') });
  }
}
