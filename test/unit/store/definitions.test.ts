import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { pino } from 'pino';
import { StreamDefinition } from '../../../src/config/stream-definition.ts';
import { Definitions } from '../../../src/store/definitions.ts';
import { MIGRATIONS } from '../../../src/store/migrations.ts';

function database(): DatabaseSync {
  const made = new DatabaseSync(':memory:');
  for (const sql of MIGRATIONS) made.exec(sql);
  return made;
}

/** What a server that starts with this database and this configuration knows. */
function open(on: DatabaseSync, configured: StreamDefinition[] = []): Definitions<StreamDefinition> {
  return new Definitions({
    database: on,
    kind: 'stream',
    schema: StreamDefinition,
    idOf: ({ id }) => id,
    configured,
    logger: pino({ level: 'silent' }),
  });
}

const gate: StreamDefinition = { id: 'gate', source: 'demo://street' };
const yard: StreamDefinition = { id: 'yard', source: 'demo://street?seed=2' };
const ids = (of: Definitions<StreamDefinition>): string[] => of.list().map(({ value }) => value.id);

describe('what was added', () => {
  it('is there after a restart, in the order it was added, behind what is configured', async () => {
    const on = database();
    const before = open(on, [gate]);
    await before.put(yard);
    const after = open(on, [gate]);
    assert.deepEqual(ids(after), ['gate', 'yard']);
    assert.deepEqual(after.get('yard'), before.get('yard'));
    assert.equal(after.get('yard')?.origin, 'api');
    assert.equal(after.get('gate')?.origin, 'config');
  });

  it('is gone after it was deleted', async () => {
    const on = database();
    const before = open(on);
    await before.put(yard);
    assert.equal(await before.delete('yard'), true);
    assert.equal(await before.delete('yard'), false);
    assert.deepEqual(ids(open(on)), []);
  });

  it('keeps the time it was added at when it changes', async () => {
    const on = database();
    const before = open(on);
    const { createdAt } = await before.put(yard);
    assert.equal((await before.put({ ...yard, title: 'Yard' })).createdAt, createdAt);
    assert.equal(open(on).get('yard')?.createdAt, createdAt);
  });

  it('gives way when the configuration defines the same id', async () => {
    const on = database();
    await open(on).put({ ...gate, title: 'Mine' });
    assert.deepEqual(open(on, [gate]).get('gate')?.value, gate);
    assert.deepEqual(ids(open(on)), []);
  });

  it('stays on disk when this version can’t read it', () => {
    const on = database();
    on.prepare('INSERT INTO definitions VALUES (?, ?, NULL, ?, 0)').run('stream', 'odd', '{"id":"odd","source":"later://x"}');
    on.prepare('INSERT INTO definitions VALUES (?, ?, NULL, ?, 0)').run('stream', 'broken', '{');
    assert.deepEqual(ids(open(on)), []);
    assert.equal(on.prepare('SELECT count(*) AS n FROM definitions').get()?.['n'], 2);
  });
});

describe('what is configured', () => {
  it('is not written to the database', () => {
    const on = database();
    open(on, [gate, yard]);
    assert.equal(on.prepare('SELECT count(*) AS n FROM definitions').get()?.['n'], 0);
  });

  it('stays as the API changed it while its entry stays as it is', async () => {
    const on = database();
    await open(on, [gate]).put({ ...gate, title: 'Changed' });
    const after = open(on, [{ source: gate.source, id: gate.id }]);
    assert.equal(after.get('gate')?.value.title, 'Changed');
    assert.equal(after.get('gate')?.origin, 'config');
  });

  it('wins again when its entry changes', async () => {
    const on = database();
    await open(on, [gate]).put({ ...gate, title: 'Changed' });
    assert.deepEqual(open(on, [{ ...gate, loop: false }]).get('gate')?.value, { ...gate, loop: false });
    assert.deepEqual(open(on, [gate]).get('gate')?.value, gate);
  });

  it('stays away when it was deleted, until its entry changes', async () => {
    const on = database();
    assert.equal(await open(on, [gate]).delete('gate'), true);
    assert.deepEqual(ids(open(on, [gate])), []);
    assert.deepEqual(ids(open(on, [{ ...gate, title: 'New' }])), ['gate']);
  });

  it('is gone with everything that was done to it when its entry is gone', async () => {
    const on = database();
    await open(on, [gate]).put({ ...gate, title: 'Changed' });
    assert.deepEqual(ids(open(on)), []);
    assert.deepEqual(open(on, [gate]).get('gate')?.value, gate);
  });

  it('can be added again through the API after it was deleted', async () => {
    const on = database();
    const before = open(on, [gate]);
    await before.delete('gate');
    await before.put({ ...gate, title: 'Again' });
    assert.equal(open(on, [gate]).get('gate')?.value.title, 'Again');
  });
});
