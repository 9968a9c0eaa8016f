import { z } from 'zod';
import { DetectorChanges, DetectorDefinition } from '../../config/stream-definition.ts';
import { CatalogEntry } from '../../detectors/catalog-entry.ts';
import type { DetectorCatalog } from '../../detectors/detector-catalog.ts';
import type { ModelsPort } from '../../detectors/ports.ts';
import { ShelfModel } from '../../models/shelf-model.ts';
import type { StreamRegistry } from '../../streams/registry.ts';
import { json, nothing } from '../content.ts';
import { conflict } from '../problem.ts';
import { routesOf, type ProblemInfo } from '../route.ts';
import { named } from '../schemas.ts';

CatalogEntry.register(named, { id: 'Detector', io: 'output' });
DetectorDefinition.register(named, { id: 'DetectorDefinition', io: 'input' });
DetectorChanges.register(named, { id: 'DetectorChanges', io: 'input' });
ShelfModel.register(named, { id: 'Model', io: 'output' });

const NOT_FOUND: ProblemInfo = { status: 404, code: 'detector-not-found', when: 'There is no such detector.' };
const EXISTS: ProblemInfo = { status: 409, code: 'detector-exists', when: 'The name is taken.' };
const IN_USE: ProblemInfo = { status: 409, code: 'detector-in-use', when: 'Streams name it.' };
const OF_MODEL: ProblemInfo = { status: 409, code: 'detector-of-model', when: 'It is the detector of a model, which is not changed.' };

export interface DetectorDeps {
  readonly catalog: DetectorCatalog;
  readonly registry: Pick<StreamRegistry, 'usersOf'>;
  readonly models: ModelsPort;
}

const route = routesOf<DetectorDeps>('Detectors and models');

/** @throws Refusal `detector-not-found` */
const find = ({ name }: { readonly name: string }, { catalog }: DetectorDeps): CatalogEntry => catalog.get(name);

export const detectorRoutes = [
  route(
    {
      method: 'get',
      path: '/api/models',
      action: 'view',
      summary: 'All models.',
      answers: { 200: json(z.array(ShelfModel)) },
    },
    async (_input, { models }) => {
      await models.refresh();
      return { status: 200, body: models.list() };
    },
  ),

  route(
    {
      method: 'get',
      path: '/api/detectors',
      action: 'view',
      summary: 'All detectors; every model is one too, under its own name.',
      answers: { 200: json(z.array(CatalogEntry)) },
    },
    (_input, { catalog }) => ({ status: 200, body: catalog.list() }),
  ),

  route(
    {
      method: 'post',
      path: '/api/detectors',
      action: 'configure',
      summary: 'Adds a detector, which is kept.',
      body: json(DetectorDefinition),
      answers: { 201: json(CatalogEntry, { headers: { Location: 'Of the detector.' } }) },
      problems: [EXISTS],
    },
    async ({ body }, { catalog }) => {
      const detector = await catalog.add(body);
      return { status: 201, headers: { Location: `/api/detectors/${detector.name}` }, body: detector };
    },
  ),

  route(
    {
      method: 'get',
      path: '/api/detectors/:name',
      action: 'view',
      summary: 'One detector.',
      find,
      answers: { 200: json(CatalogEntry) },
      problems: [NOT_FOUND],
    },
    ({ found }) => ({ status: 200, body: found }),
  ),

  route(
    {
      method: 'patch',
      path: '/api/detectors/:name',
      action: 'configure',
      summary: 'Changes a detector on every stream that names it, without a gap.',
      find,
      body: json(DetectorChanges),
      answers: { 200: json(CatalogEntry) },
      problems: [NOT_FOUND, OF_MODEL],
    },
    async ({ params: { name }, body }, { catalog }) => ({ status: 200, body: await catalog.change(name, body) }),
  ),

  route(
    {
      method: 'delete',
      path: '/api/detectors/:name',
      action: 'configure',
      summary: 'Removes a detector that no stream names.',
      find,
      answers: { 204: nothing() },
      problems: [NOT_FOUND, IN_USE, OF_MODEL],
    },
    async ({ params: { name } }, { catalog, registry }) => {
      const users = registry.usersOf(name);
      if (users.length > 0) throw conflict(`The detector “${name}” is used by ${users.join(', ')}. Change these streams first.`, 'detector-in-use');
      await catalog.remove(name);
      return { status: 204 };
    },
  ),
];
