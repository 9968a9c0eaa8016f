import { Router } from 'express';
import { z } from 'zod';
import { StreamChanges, StreamDefinition } from '../../config/stream-definition.ts';
import type { StreamRegistry } from '../../streams/registry.ts';
import { checked, checkedBody, jsonBody } from '../body.ts';
import { allow } from '../methods.ts';

/** Query of the truth about a frame. */
export const TruthQuery = z.object({ seq: z.string().regex(/^\d{1,10}$/, 'Must be the number of a frame.').transform(Number) });

/** `/api/streams`: all verbs. */
export function streamRoutes(registry: StreamRegistry, bodyLimit: number): Router {
  const router = Router();
  const json = jsonBody(bodyLimit);

  router
    .route('/')
    .get((_request, response) => response.json(registry.list()))
    .post(json, async (request, response) => {
      const stream = await registry.add(checkedBody(StreamDefinition, request));
      response.status(201).location(`/api/streams/${stream.id}`).json(stream);
    })
    .all(allow('GET', 'POST'));

  router
    .route('/:id')
    .get((request, response) => response.json(registry.get(request.params.id)))
    .patch(json, async (request, response) => {
      registry.get(request.params.id);
      response.json(await registry.change(request.params.id, checkedBody(StreamChanges, request)));
    })
    .delete(async (request, response) => {
      await registry.remove(request.params.id);
      response.status(204).end();
    })
    .all(allow('GET', 'PATCH', 'DELETE'));

  router
    .route('/:id/retry')
    .post((request, response) => response.status(202).json(registry.retry(request.params.id)))
    .all(allow('POST'));

  router
    .route('/:id/truth')
    .get(async (request, response) => {
      registry.get(request.params.id);
      const { seq } = checked(TruthQuery, request.query);
      response.set('Cache-Control', 'no-store').json(await registry.truth(request.params.id, seq));
    })
    .all(allow('GET'));

  return router;
}
