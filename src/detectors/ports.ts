import type { ShelfModel } from '../models/index.ts';
import type { ExternalStats } from '../pipeline/detect/external/external-events.ts';
import type { ResolvedModel } from '../pipeline/detect/spec.ts';

/** The process of external detectors, as far as detectors and streams use it. */
export interface ExternalPort {
  /** Path of its unix socket, which stays the same across restarts. */
  readonly socketPath: string;
  /** Starts it. Idempotent. */
  start(): void;
  /** Statistics of a detector over the last second; undefined without a stream or a worker. */
  stats(detector: string): ExternalStats | undefined;
}

/** The models, as far as detectors and streams use them. */
export interface ModelsPort {
  /** The default model, by the kind of source. */
  readonly defaults: { readonly demo: string; readonly other: string };
  /** The models as of the last look, sorted by name. */
  list(): readonly ShelfModel[];
  /** Looks again: files come and go. */
  refresh(): Promise<void>;
  /** @throws Error with a `code`, and a message that says what to do, if the model can't be used now */
  resolve(name: string): Promise<ResolvedModel>;
  /** A model was added, was removed, or can be used now. */
  on(event: 'changed', listener: () => void): unknown;
}
