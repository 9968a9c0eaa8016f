import type { AnnotationMessage } from '../pipeline/annotation.ts';
import type { StreamRegistry } from './registry.ts';

/**
 * Subscribes to the annotation messages of a stream, and keeps it running meanwhile.
 *
 * @param onEnd called once, when the stream is removed
 * @returns a function that ends the subscription; undefined if there is no such stream
 */
export function followAnnotations(
  registry: StreamRegistry,
  id: string,
  listener: (message: AnnotationMessage) => void,
  onEnd: () => void,
): (() => void) | undefined {
  const stream = registry.stream(id);
  if (stream === undefined) return undefined;
  const release = stream.hold();
  const onRemoved = (removed: { id: string }): void => {
    if (removed.id !== id) return;
    stop();
    onEnd();
  };
  const stop = (): void => {
    unfollow();
    registry.off('removed', onRemoved);
    release();
  };
  const unfollow = stream.followAnnotations(listener);
  registry.on('removed', onRemoved);
  return stop;
}
