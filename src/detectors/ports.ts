import type { ShelfModel } from '../models/index.ts';
import type { ExternalStats } from '../pipeline/detect/external/external-events.ts';
import type { ResolvedModel } from '../pipeline/detect/spec.ts';

/** The process of external detectors, as far as detectors and streams use it. */
export interface ExternalPort {
  /** Path of its unix socket, which stays the same over its restarts. */
  readonly socketPath: string;
  /** Something needs it. Idempotent. */
  start(): void;
  /** What a detector did in the last second; undefined where neither a stream nor a worker is there for it. */
  stats(detector: string): ExternalStats | undefined;
}

/** The models, as far as detectors and streams use them. */
export interface ModelsPort {
  /** The model of streams that do not say, by the kind of their source. */
  readonly defaults: { readonly demo: string; readonly other: string };
  /** What was known when it was last looked: sorted by name. */
  list(): readonly ShelfModel[];
  /** Looks again: files come and go. */
  refresh(): Promise<void>;
  /** @throws Error with a `code`, and a sentence that says what to do, where the model can't be used now */
  resolve(name: string): Promise<ResolvedModel>;
  /** A model came, went, or can be used now. */
  on(event: 'changed', listener: () => void): unknown;
}
