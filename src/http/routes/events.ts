import { SceneEvent } from '../../pipeline/analytics/events.ts';
import { AnnotationMessage } from '../../pipeline/annotation.ts';
import { followAnnotations } from '../../streams/follow-annotations.ts';
import { StreamEvent, StreamsSnapshot } from '../../streams/view.ts';
import { TOO_MANY_CONNECTIONS, type ConnectionLimit } from '../connection-limit.ts';
import { events } from '../content.ts';
import type { EventHub } from '../event-hub.ts';
import { EventStream } from '../event-stream.ts';
import { STREAM_NOT_FOUND } from '../problems.ts';
import { routesOf } from '../route.ts';
import { named } from '../schemas.ts';
import { ONE_STREAM, type StreamDeps } from './streams.ts';

SceneEvent.register(named, { id: 'SceneEvent', io: 'output' });
StreamEvent.register(named, { id: 'StreamEvent', io: 'output' });
StreamsSnapshot.register(named, { id: 'StreamsSnapshot', io: 'output' });

export interface EventDeps extends StreamDeps {
  readonly hub: EventHub;
  readonly connections: ConnectionLimit;
}

const route = routesOf<EventDeps>('Events');

// All clients of a stream get the same text: it is made once.
const texts = new WeakMap<AnnotationMessage, string>();

export const eventRoutes = [
  route(
    {
      method: 'get',
      path: '/api/events',
      action: 'view',
      summary: 'What changes, as server-sent events.',
      answers: { 200: events({ snapshot: StreamsSnapshot, stream: StreamEvent, scene: SceneEvent }) },
      problems: [TOO_MANY_CONNECTIONS],
    },
    (_input, { hub, connections }) => {
      const leave = connections.enter();
      return {
        status: 200,
        write: (response) => {
          response.once('close', leave);
          hub.add(new EventStream(response));
        },
      };
    },
  ),

  route(
    {
      method: 'get',
      path: '/live/:id/annotations',
      action: 'view',
      summary: 'Annotation messages, as server-sent events. A client that can’t keep up misses some.',
      ...ONE_STREAM,
      answers: { 200: events({ message: AnnotationMessage }) },
      problems: [STREAM_NOT_FOUND, TOO_MANY_CONNECTIONS],
    },
    ({ params: { id } }, { registry, connections }) => {
      const leave = connections.enter();
      return {
        status: 200,
        write: (response) => {
          response.once('close', leave);
          const client = new EventStream(response);
          const stop = followAnnotations(registry, id, (message) => void client.offer(textOf(message)), () => client.close());
          client.onClose(() => stop?.());
        },
      };
    },
  ),
];

function textOf(message: AnnotationMessage): string {
  const text = texts.get(message) ?? JSON.stringify(message);
  texts.set(message, text);
  return text;
}
