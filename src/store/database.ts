/**
 * What the server keeps. The rules of this folder:
 *
 * - One database a data folder. `main.ts` opens it, passes it to what needs it, and closes it last.
 * - One repository a table. Only repositories see a `DatabaseSync` and write SQL.
 * - What a repository offers returns promises, although SQLite answers at once: a database over the network can take its place.
 *   Exceptions are reads of what it holds in memory, and `CountStore.lineTotals`, which a stream's plan needs at once.
 * - What a repository holds in memory changes only after the write has succeeded.
 */
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Logger } from 'pino';
import { MIGRATIONS } from './migrations.ts';

/** Name of the database inside the data folder. */
export const DATABASE_FILE = 'framelock.db';

/** Files that belong to one database. */
const PARTS = ['', '-wal', '-shm'];

/** Why there is no database. */
export class StoreError extends Error {
  readonly code: 'store-folder' | 'store-newer' | 'store-closed' | 'store-unusable';

  constructor(code: StoreError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.code = code;
  }
}

/**
 * Opens the database of a data folder, creates it if it is missing, and migrates it.
 *
 * A damaged database is renamed and replaced by a new one: what had been added is missing until the file is repaired, but the server
 * runs.
 *
 * @param dataDir absolute path
 * @throws StoreError `store-folder` if the folder can't be written, `store-newer` if a later version of the server wrote it
 */
export function openDatabase(dataDir: string, logger: Logger): DatabaseSync {
  try {
    mkdirSync(dataDir, { recursive: true });
  } catch (cause) {
    throw new StoreError('store-folder', `The data folder ${dataDir} can’t be made. Set dataDir (FRAMELOCK_DATA_DIR) to one that can.`, { cause });
  }
  const path = join(dataDir, DATABASE_FILE);
  try {
    return open(path);
  } catch (error) {
    if (!isDamaged(error)) throw asStoreError(path, error);
    const aside = setAside(path);
    logger.error({ err: error, path, aside }, 'the database is damaged; it was set aside and a new one begun: what had been added is missing');
    return open(path);
  }
}

function open(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 5000 });
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
    const checked = database.prepare('PRAGMA quick_check(1)').get() as { quick_check?: string } | undefined;
    if (checked?.quick_check !== 'ok') throw new DamagedError(`quick_check: ${checked?.quick_check ?? 'no answer'}`);
    migrate(database, path);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function migrate(database: DatabaseSync, path: string): void {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > MIGRATIONS.length) {
    throw new StoreError('store-newer', `${path} was written by a later version of Framelock. Use that version, or another data folder.`);
  }
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index < version) continue;
    transaction(database, () => database.exec(`${sql}; PRAGMA user_version = ${index + 1};`));
  }
}

/** Runs `work` in a transaction, which is rolled back if it throws. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

class DamagedError extends Error {}

/** SQLite's primary result codes for a broken file: SQLITE_CORRUPT, SQLITE_NOTADB. */
const DAMAGED = new Set([11, 26]);

function isDamaged(error: unknown): boolean {
  if (error instanceof DamagedError) return true;
  const code = (error as { errcode?: number }).errcode;
  return code !== undefined && DAMAGED.has(code & 0xff);
}

function setAside(path: string): string {
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const aside = `${path}.damaged-${stamp}`;
  for (const part of PARTS) {
    if (existsSync(path + part)) renameSync(path + part, aside + part);
  }
  return aside;
}

function asStoreError(path: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  return new StoreError('store-unusable', `The database ${path} can’t be opened: is its folder writable, and does no other server use it?`, { cause: error });
}
