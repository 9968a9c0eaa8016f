import type { BoxLook } from '../../annotate/box-renderer.ts';
import type { Scene } from '../../annotate/zone-renderer.ts';

/** What is read of the stream's own description. */
export interface StreamFacts {
  readonly stats?: { readonly encoder?: string };
  readonly overlay?: BoxLook;
  readonly zones?: Scene['zones'];
  readonly lines?: Scene['lines'];
}

/** What somebody wants to know. */
export interface FactsWanted {
  /** Of the stream in the HTTP API. */
  readonly address: string;
  /** Digest of what is drawn upon the stream, where the server gives one. */
  readonly drawing: string | undefined;
  /** Whether what changes by itself is shown too. */
  readonly figures: boolean;
}

/** Milliseconds between two readings of what changes by itself. */
const FIGURES_MS = 5000;

/** Reads what only the server knows, no more often than is needed: a viewer can't measure what encodes there. */
export class StreamFactsReader {
  readonly #read: (facts: StreamFacts) => void;
  /** What was read last. */
  #known: (Pick<FactsWanted, 'address' | 'drawing'> & { readonly at: number }) | undefined;
  #reading: AbortController | undefined;

  constructor(read: (facts: StreamFacts) => void) {
    this.#read = read;
  }

  /** Reads if what is known is not what is wanted; to be called each second, so that an attempt that failed is made again. */
  async follow({ address, drawing, figures }: FactsWanted): Promise<void> {
    const known = this.#known;
    const fresh = known?.address === address && known.drawing === drawing && !(figures && performance.now() - known.at >= FIGURES_MS);
    if (fresh || this.#reading !== undefined) return;
    const reading = (this.#reading = new AbortController());
    const facts = await fetch(address, { signal: reading.signal }).then((response) => (response.ok ? (response.json() as Promise<StreamFacts>) : undefined)).catch(() => undefined);
    if (reading.signal.aborted) return;
    this.#reading = undefined;
    if (facts === undefined) return;
    this.#known = { address, drawing, at: performance.now() };
    this.#read(facts);
  }

  /** Knows nothing any more. Idempotent. */
  forget(): void {
    this.#reading?.abort();
    this.#reading = this.#known = undefined;
  }
}
