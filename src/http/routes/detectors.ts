import { Router } from 'express';
import { DetectorChanges, DetectorDefinition } from '../../config/stream-definition.ts';
import type { DetectorCatalog } from '../../detectors/detector-catalog.ts';
import type { ModelsPort } from '../../detectors/ports.ts';
import type { StreamRegistry } from '../../streams/registry.ts';
import { checkedBody, jsonBody } from '../body.ts';
import { allow } from '../methods.ts';
import { conflict } from '../problem.ts';

/** `/api/detectors`: all verbs. */
export function detectorRoutes(catalog: DetectorCatalog, registry: StreamRegistry, bodyLimit: number): Router {
  const router = Router();
  const json = jsonBody(bodyLimit);

  router
    .route('/')
    .get((_request, response) => response.json(catalog.list()))
    .post(json, async (request, response) => {
      const detector = await catalog.add(checkedBody(DetectorDefinition, request));
      response.status(201).location(`/api/detectors/${detector.name}`).json(detector);
    })
    .all(allow('GET', 'POST'));

  router
    .route('/:name')
    .get((request, response) => response.json(catalog.get(request.params.name)))
    .patch(json, async (request, response) => {
      catalog.get(request.params.name);
      response.json(await catalog.change(request.params.name, checkedBody(DetectorChanges, request)));
    })
    .delete(async (request, response) => {
      const { name } = catalog.get(request.params.name);
      const users = registry.usersOf(name);
      if (users.length > 0) throw conflict(`The detector “${name}” is used by ${users.join(', ')}. Change these streams first.`, 'detector-in-use');
      await catalog.remove(name);
      response.status(204).end();
    })
    .all(allow('GET', 'PATCH', 'DELETE'));

  return router;
}

/** `/api/models`. */
export function modelRoutes(models: ModelsPort): Router {
  const router = Router();
  router
    .route('/')
    .get(async (_request, response) => {
      await models.refresh();
      response.json(models.list());
    })
    .all(allow('GET'));
  return router;
}
