import { WALL_CLOCK, type Clock } from '../util/clock.ts';
import type { SlateReason } from './compose/slate-text.ts';
import type { Problem, SourceState } from './media/info.ts';

/** From one slate to the next, ms. */
const INTERVAL_MS = 250;
/** A source that is being connected for the first time, or again, has this long before a slate is shown, ms. */
const PATIENCE_MS = 2000;

/**
 * Says when slates are due: a few a second from the moment when a source has no picture until it has one again.
 *
 * States: `off`; `waiting`, while a source that is being connected may still come in time; `on`.
 */
export class SlateClock {
  readonly #draw: (reason: SlateReason) => Promise<void>;
  readonly #clock: Clock;
  #state: 'off' | 'waiting' | 'on' = 'off';
  #reason: SlateReason = { state: 'connecting' };
  #cancel: (() => void) | undefined;

  /** @param draw makes one slate; the next one is due after it has settled. Never rejects */
  constructor(draw: (reason: SlateReason) => Promise<void>, clock: Clock = WALL_CLOCK) {
    this.#draw = draw;
    this.#clock = clock;
  }

  /** Whether slates are being shown: one that was begun before is of the past where they are not. */
  get on(): boolean {
    return this.#state === 'on';
  }

  /** The source has entered a state. */
  source(state: SourceState, { problem, retryAt }: { problem?: Problem; retryAt?: number } = {}): void {
    if (state === 'live' || state === 'ended') return this.close();
    this.#reason = { state, code: problem?.code, retryAt };
    if (this.#state === 'on') return;
    if (state !== 'connecting' || problem !== undefined) {
      this.close();
      this.#state = 'on';
      this.#tick();
    } else if (this.#state === 'off') {
      this.#state = 'waiting';
      this.#cancel = this.#clock.after(PATIENCE_MS, () => {
        this.#state = 'on';
        this.#tick();
      });
    }
  }

  /** No more slates; idempotent. */
  close(): void {
    this.#state = 'off';
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #tick(): void {
    const begun = this.#clock.now();
    let over = false;
    // A tick that outlives its slates must not begin another round of them.
    this.#cancel = () => void (over = true);
    void this.#draw(this.#reason).then(() => {
      if (over) return;
      this.#cancel = this.#clock.after(Math.max(0, INTERVAL_MS - (this.#clock.now() - begun)), () => this.#tick());
    });
  }
}
