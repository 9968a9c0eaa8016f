import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import { pino } from 'pino';
import { DetectorDefinition } from '../../../src/config/stream-definition.ts';
import { DetectorCatalog } from '../../../src/detectors/detector-catalog.ts';
import type { DetectorModelStats } from '../../../src/detectors/detector-host.ts';
import { Definitions } from '../../../src/store/definitions.ts';
import { MIGRATIONS } from '../../../src/store/migrations.ts';
import { StandInModels } from '../../support/server.ts';

it('a detector says what runs its model while that is loaded, and why nothing better does', () => {
  const database = new DatabaseSync(':memory:');
  for (const sql of MIGRATIONS) database.exec(sql);
  const definitions = new Definitions({
    database,
    kind: 'detector',
    schema: DetectorDefinition,
    idOf: ({ name }) => name,
    configured: [{ name: 'people', model: 'street-nano', classes: ['person'] }],
    logger: pino({ level: 'silent' }),
  });
  let loaded: DetectorModelStats[] = [];
  const external = { socketPath: '/nowhere', start: () => undefined, stats: () => undefined };
  const catalog = new DetectorCatalog({ definitions, models: new StandInModels(), external, running: () => loaded, schemes: [] });
  const runs = { provider: 'cpu', passedOver: [{ provider: 'webgpu', reason: 'takes 9 ms a frame, the CPU 3 ms' }] };
  assert.deepEqual(catalog.get('people').runs, undefined);
  loaded = [{ name: 'street-nano', ...runs, fps: 30, inferenceMs: 3, batch: 1 }];
  assert.deepEqual(catalog.get('people').runs, runs);
  assert.deepEqual(catalog.list().map(({ name, runs: how }) => [name, how]), [
    ['people', runs],
    ['street-nano', runs],
    ['yolox-nano', undefined],
    ['deimv2-femto', undefined],
  ]);
});
