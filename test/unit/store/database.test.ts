import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { pino } from 'pino';
import { DATABASE_FILE, openDatabase, StoreError, transaction } from '../../../src/store/database.ts';
import { MIGRATIONS } from '../../../src/store/migrations.ts';

const logger = pino({ level: 'silent' });

describe('the database of a data folder', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'framelock-store-'));
    file = join(folder, DATABASE_FILE);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const put = (database: DatabaseSync, id: string): unknown =>
    database.prepare("INSERT INTO definitions (kind, id, created) VALUES ('stream', ?, 0)").run(id);
  const count = (database: DatabaseSync): unknown => database.prepare('SELECT count(*) AS n FROM definitions').get()?.['n'];

  it('is made where it is missing, with its folder', () => {
    const database = openDatabase(join(folder, 'a', 'b'), logger);
    assert.equal(count(database), 0);
    database.close();
  });

  it('keeps what is in it', () => {
    const first = openDatabase(folder, logger);
    put(first, 'x');
    first.close();
    const second = openDatabase(folder, logger);
    assert.equal(count(second), 1);
    assert.equal(second.prepare('PRAGMA user_version').get()?.['user_version'], MIGRATIONS.length);
    assert.equal(second.prepare('PRAGMA journal_mode').get()?.['journal_mode'], 'wal');
    second.close();
  });

  it('is set aside when it is no database, and a new one is begun', () => {
    writeFileSync(file, 'This is a text file, and a long one at that. '.repeat(200));
    const database = openDatabase(folder, logger);
    assert.equal(count(database), 0);
    database.close();
    const aside = readdirSync(folder).filter((name) => name.startsWith(`${DATABASE_FILE}.damaged-`));
    assert.equal(aside.length, 1);
    openDatabase(folder, logger).close();
    assert.equal(readdirSync(folder).filter((name) => name.includes('damaged')).length, 1, 'once is enough');
  });

  it('is set aside when a part of it is missing', () => {
    const first = openDatabase(folder, logger);
    for (let index = 0; index < 500; index++) put(first, `${index}-${'x'.repeat(200)}`);
    first.close();
    truncateSync(file, 9000);
    const second = openDatabase(folder, logger);
    assert.equal(count(second), 0);
    second.close();
    assert(readdirSync(folder).some((name) => name.includes('damaged')));
  });

  it('is left alone when a later version wrote it', () => {
    const first = openDatabase(folder, logger);
    first.exec('PRAGMA user_version = 999');
    first.close();
    assert.throws(() => openDatabase(folder, logger), (error) => error instanceof StoreError && error.code === 'store-newer');
    assert(!readdirSync(folder).some((name) => name.includes('damaged')));
  });

  it('is refused with a sentence where the folder can’t be made', () => {
    writeFileSync(join(folder, 'file'), '');
    assert.throws(() => openDatabase(join(folder, 'file', 'data'), logger), /The data folder .* can’t be made\. Set dataDir/);
  });

  it('takes all of a transaction or nothing', () => {
    const database = openDatabase(folder, logger);
    assert.throws(() =>
      transaction(database, () => {
        put(database, 'a');
        throw new Error('half-way');
      }),
    );
    assert.equal(count(database), 0);
    assert.equal(transaction(database, () => put(database, 'a') !== undefined), true);
    assert.equal(count(database), 1);
    database.close();
  });
});
