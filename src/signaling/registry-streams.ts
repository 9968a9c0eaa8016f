import { createHash } from 'node:crypto';
import type { StreamRegistry } from '../streams/registry.ts';
import type { StreamSettings } from '../streams/stream-settings.ts';
import type { LiveStreams, StreamCondition } from './live-streams.ts';

/** Adapts the registry to what signalling uses of the streams. Listens to it for as long as it exists. */
export function liveStreams(registry: StreamRegistry): LiveStreams {
  /** By settings objects, which are never changed in place. */
  const digests = new WeakMap<StreamSettings, string>();
  const drawing = (settings: StreamSettings): string => {
    const digest = digests.get(settings) ?? digestOf(settings);
    digests.set(settings, digest);
    return digest;
  };
  const condition = (id: string): StreamCondition | undefined => {
    const stream = registry.stream(id);
    return stream === undefined ? undefined : { ...stream.status, width: stream.record.video?.width, audio: stream.audible, drawing: drawing(stream.settings) };
  };
  const listeners = new Set<(id: string, condition: StreamCondition) => void>();
  const told = new Map<string, string | undefined>();
  const tell = (id: string): void => {
    const now = condition(id);
    if (now === undefined) return;
    told.set(id, now.drawing);
    for (const listener of listeners) listener(id, now);
  };
  registry.on('state', tell);
  registry.on('changed', (id) => {
    // The event also comes with new measurements, every second.
    const stream = registry.stream(id);
    if (stream !== undefined && told.get(id) !== drawing(stream.settings)) tell(id);
  });
  registry.on('removed', ({ id }) => told.delete(id));
  return {
    condition,
    touch: (id) => registry.stream(id)?.touch(),
    onCondition(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function digestOf({ overlay, zones, lines }: StreamSettings): string {
  return createHash('sha256').update(JSON.stringify([overlay, zones, lines])).digest('base64url').slice(0, 16);
}
