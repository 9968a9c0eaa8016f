import { Router } from 'express';
import type { AnnotationMessage } from '../../pipeline/annotation.ts';
import { followAnnotations } from '../../streams/follow-annotations.ts';
import type { StreamRegistry } from '../../streams/registry.ts';
import { EventStream } from '../event-stream.ts';
import type { EventHub } from '../event-hub.ts';
import { allow } from '../methods.ts';
import { notFound, ProblemError } from '../problem.ts';

/** Counts connections that last, so that there are never too many. */
export class ConnectionLimit {
  readonly #most: number;
  #open = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** @throws ProblemError 503 when there are too many already */
  enter(): () => void {
    if (this.#open >= this.#most) {
      throw new ProblemError({
        status: 503,
        detail: `There are ${this.#most} event connections already, which is the most that limits.eventClients allows.`,
        code: 'too-many-connections',
        headers: { 'Retry-After': '5' },
      });
    }
    this.#open++;
    return () => void this.#open--;
  }
}

/** `/api/events`: what changes. */
export function eventRoutes(hub: EventHub, limit: ConnectionLimit): Router {
  const router = Router();
  router
    .route('/')
    .get((_request, response) => {
      response.once('close', limit.enter());
      hub.add(new EventStream(response));
    })
    .all(allow('GET'));
  return router;
}

/** `/live/:id/annotations`: one annotation message an event. A client that can't keep up misses some. */
export function annotationRoutes(registry: StreamRegistry, limit: ConnectionLimit): Router {
  const router = Router();
  // All clients of a stream get the same text: it is made once.
  const texts = new WeakMap<AnnotationMessage, string>();
  const textOf = (message: AnnotationMessage): string => {
    const text = texts.get(message) ?? JSON.stringify(message);
    texts.set(message, text);
    return text;
  };

  router
    .route('/:id/annotations')
    .get((request, response) => {
      const { id } = request.params;
      if (registry.stream(id) === undefined) throw notFound('There is no such stream.', 'stream-not-found');
      response.once('close', limit.enter());
      const client = new EventStream(response);
      const stop = followAnnotations(registry, id, (message) => void client.offer(textOf(message)), () => client.close());
      client.onClose(() => stop?.());
    })
    .all(allow('GET'));
  return router;
}
