import type { StreamRegistry } from '../streams/registry.ts';
import type { LiveStreams, StreamCondition } from './live-streams.ts';

/** The streams as signalling sees them: their conditions, and a touch for those that start on demand. */
export function liveStreams(registry: StreamRegistry): LiveStreams {
  const condition = (id: string): StreamCondition | undefined => {
    const stream = registry.stream(id);
    return stream === undefined ? undefined : { ...stream.status, audio: stream.audible };
  };
  return {
    condition,
    touch: (id) => registry.stream(id)?.touch(),
    onCondition(listener) {
      const changed = (id: string): void => {
        const now = condition(id);
        if (now !== undefined) listener(id, now);
      };
      registry.on('state', changed);
      return () => void registry.off('state', changed);
    },
  };
}
