import type { StreamCommand, Variant } from '../pipeline/messages.ts';
import type { RtpTarget } from '../pipeline/rtp/target.ts';
import type { BroadcastPort } from './ports.ts';

/** What {@link StreamTracks} are made from. */
export interface StreamTracksInit {
  readonly broadcast: Pick<BroadcastPort, 'on'>;
  /** Whether a process takes commands. */
  readonly running: () => boolean;
  /** Tells the process; lost where none takes commands. */
  readonly send: (command: StreamCommand) => void;
  /** Takes the RTP sequence number that a process' first packet of a track gets. */
  readonly firstSequence: (track: Variant | 'audio') => number;
  /** {@link StreamTracks.variants} are others now. */
  readonly changed: () => void;
}

/** Which variants of a stream, and whether its sound, the SFU needs, and where it wants them; kept over all of its processes. */
export class StreamTracks {
  readonly #init: StreamTracksInit;
  readonly #variants = new Map<Variant, RtpTarget>();
  #audio: RtpTarget | undefined;

  constructor(init: StreamTracksInit) {
    this.#init = init;
    const { broadcast, send, changed } = init;
    broadcast.on('start', (variant, target) => {
      this.#variants.set(variant, target);
      this.#startVariant(variant, target);
      changed();
    });
    broadcast.on('stop', (variant) => {
      if (!this.#variants.delete(variant)) return;
      send({ type: 'variant-stop', variant });
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
    return [...this.#variants.keys()];
  }

  /** Tells a new process of all that is needed. */
  begin(): void {
    for (const [variant, target] of this.#variants) this.#startVariant(variant, target);
    if (this.#audio !== undefined) this.#startAudio(this.#audio);
  }

  #startVariant(variant: Variant, target: RtpTarget): void {
    const { running, send, firstSequence } = this.#init;
    if (running()) send({ type: 'variant-start', variant, target, firstSequence: firstSequence(variant) });
  }

  #startAudio(target: RtpTarget): void {
    const { running, send, firstSequence } = this.#init;
    if (running()) send({ type: 'audio-start', target, firstSequence: firstSequence('audio') });
  }
}
