import type { LiveStreams } from '../signaling/live-streams.ts';
import type { AnnotationMessage } from '../pipeline/annotation.ts';
import type { StreamRegistry } from './registry.ts';
import type { StreamStatus } from './stream-state.ts';

/** The streams as those see them who serve viewers. */
export class Live implements LiveStreams {
  readonly #registry: StreamRegistry;

  constructor(registry: StreamRegistry) {
    this.#registry = registry;
  }

  condition(id: string): StreamStatus | undefined {
    return this.#registry.stream(id)?.status;
  }

  touch(id: string): void {
    this.#registry.stream(id)?.touch();
  }

  onCondition(listener: (id: string, condition: StreamStatus) => void): () => void {
    const told = (id: string): void => {
      const condition = this.condition(id);
      if (condition !== undefined) listener(id, condition);
    };
    this.#registry.on('state', told);
    return () => void this.#registry.off('state', told);
  }

  /**
   * Tells about each frame of a stream, which is kept running meanwhile.
   *
   * @param onEnd called once, when the stream is removed
   * @returns a function that ends it; undefined where there is no such stream
   */
  onAnnotation(id: string, listener: (message: AnnotationMessage) => void, onEnd: () => void): (() => void) | undefined {
    const stream = this.#registry.stream(id);
    if (stream === undefined) return undefined;
    const release = stream.hold();
    const onRemoved = (removed: { id: string }): void => {
      if (removed.id !== id) return;
      stop();
      onEnd();
    };
    const stop = (): void => {
      stream.off('annotation', listener);
      this.#registry.off('removed', onRemoved);
      release();
    };
    stream.on('annotation', listener);
    this.#registry.on('removed', onRemoved);
    return stop;
  }
}
