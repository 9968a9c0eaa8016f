import type { AnnotationMessage } from '../pipeline/annotation.ts';
import { Refusal } from '../util/refusal.ts';

/** Time limit of an answer, in ms; generous, for busy machines. */
const LIMIT_MS = 10_000;

interface Pending {
  readonly resolve: (message: AnnotationMessage | null) => void;
  readonly reject: (error: Refusal) => void;
  readonly timer: NodeJS.Timeout;
}

/** Pending requests to a stream process for ground truth. */
export class TruthRequests {
  readonly #pending = new Map<number, Pending>();
  #next = 1;

  /**
   * @param send sends the request
   * @throws Refusal `stream-unavailable` if no answer comes
   */
  ask(send: (request: number) => void): Promise<AnnotationMessage | null> {
    const request = this.#next++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(request);
        reject(new Refusal('stream-unavailable', `The stream’s process has not answered within ${LIMIT_MS / 1000} s.`));
      }, LIMIT_MS);
      this.#pending.set(request, { resolve, reject, timer });
      send(request);
    });
  }

  answer(request: number, message: AnnotationMessage | null): void {
    const pending = this.#pending.get(request);
    if (pending === undefined) return;
    this.#pending.delete(request);
    clearTimeout(pending.timer);
    pending.resolve(message);
  }

  /** Rejects all pending requests, when the process has exited. */
  abandon(): void {
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(unavailable());
    }
    this.#pending.clear();
  }
}

function unavailable(): Refusal {
  return new Refusal('stream-unavailable', 'The stream does not run right now.');
}
