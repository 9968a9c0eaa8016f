import { EventEmitter } from 'node:events';
import type { Producer } from 'mediasoup/types';
import type { Logger } from 'pino';
import type { Variant } from '../pipeline/messages.ts';
import type { RtpTarget } from '../pipeline/rtp/target.ts';
import { Intake } from './intake.ts';
import type { MediaWorker } from './media-worker.ts';
import type { Place } from './place.ts';
import type { Held } from './shared.ts';

interface IntakesEvents {
  /** A variant is needed: encode it and send it there. Comes again, with another target, when its worker was replaced. */
  start: [variant: Variant, target: RtpTarget];
  /** Nobody needs the variant any more. */
  stop: [variant: Variant];
  /** The sound is needed, as with `start`. */
  'audio-start': [target: RtpTarget];
  /** Nobody listens any more. */
  'audio-stop': [];
}

/** Everything that a stream process can make for one stream, each for as long as somebody needs it. */
export class Intakes extends EventEmitter<IntakesEvents> {
  readonly #logger: Logger;
  readonly #variants: Readonly<Record<Variant, Intake>>;
  readonly #sound: Intake;

  /** @param lingerMs how long what nobody needs any more goes on being made */
  constructor(home: MediaWorker, lingerMs: number, logger: Logger) {
    super();
    this.#logger = logger;
    const intake = (variant: Variant): Intake =>
      new Intake(home, lingerMs, 'video')
        .on('start', (target) => this.emit('start', variant, target))
        .on('stop', () => this.emit('stop', variant));
    this.#variants = { annotated: intake('annotated'), clean: intake('clean') };
    this.#sound = new Intake(home, lingerMs, 'audio')
      .on('start', (target) => this.emit('audio-start', target))
      .on('stop', () => this.emit('audio-stop'));
  }

  /**
   * Needs a variant, wherever it goes.
   * @returns ends the need; idempotent
   * @throws SfuError `closed`, `unavailable`; Error when the worker dies meanwhile
   */
  async acquire(variant: Variant): Promise<() => void> {
    const intake = this.#variants[variant];
    const leave = intake.use();
    try {
      await intake.ingest();
      return leave;
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** A variant for viewers of one place. @throws as {@link acquire} */
  variantAt(variant: Variant, place: Place): Promise<Held<Producer>> {
    return hold(this.#variants[variant], place);
  }

  /** The sound for viewers of one place. @throws as {@link acquire} */
  soundAt(place: Place): Promise<Held<Producer>> {
    return hold(this.#sound, place);
  }

  /** The worker died. */
  forget(): void {
    for (const intake of this.#all) intake.forget();
  }

  /** There is a worker again: what was needed is made at once. */
  rebuild(): void {
    for (const intake of this.#all) {
      intake.rebuild().catch((error: unknown) => this.#logger.warn({ err: error }, 'what the stream needs could not be made again'));
    }
  }

  /** Idempotent. */
  close(): void {
    for (const intake of this.#all) intake.close();
    this.removeAllListeners();
  }

  get #all(): Intake[] {
    return [...Object.values(this.#variants), this.#sound];
  }
}

async function hold(intake: Intake, place: Place): Promise<Held<Producer>> {
  const leave = intake.use();
  try {
    const { value, release } = await (await intake.ingest()).at(place);
    const both = (): void => {
      release();
      leave();
    };
    return { value, release: both };
  } catch (error) {
    leave();
    throw error;
  }
}
