import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Logger } from 'pino';
import type { z } from 'zod';

/** Whether a definition comes from the configuration or only from the API. */
export type Origin = 'config' | 'api';

/** A definition with its metadata. */
export interface Entry<T> {
  readonly value: T;
  readonly origin: Origin;
  /** Milliseconds since the epoch; for configured ones, when they were loaded. */
  readonly createdAt: number;
}

/** What a collection of definitions is made from. */
export interface DefinitionsInit<T> {
  readonly database: DatabaseSync;
  /** Names the collection in the database. */
  readonly kind: string;
  readonly schema: z.ZodType<T>;
  readonly idOf: (value: T) => string;
  /** What the configuration defines, in its order. */
  readonly configured: readonly T[];
  readonly logger: Logger;
}

interface Row {
  readonly id: string;
  readonly base: string | null;
  readonly value: string | null;
  readonly created: number;
}

/**
 * Definitions of one kind, by id: those of the configuration, and those added through the API, which are stored.
 *
 * Changes that the API makes to a configured definition are stored with a fingerprint of its configuration entry. When the entry changes,
 * the configuration wins again.
 */
export class Definitions<T> {
  readonly #database: DatabaseSync;
  readonly #kind: string;
  readonly #schema: z.ZodType<T>;
  readonly #idOf: (value: T) => string;
  readonly #logger: Logger;
  /** Fingerprints of the configured entries. */
  readonly #bases = new Map<string, string>();
  readonly #entries = new Map<string, Entry<T>>();

  constructor({ database, kind, schema, idOf, configured, logger }: DefinitionsInit<T>) {
    this.#database = database;
    this.#kind = kind;
    this.#schema = schema;
    this.#idOf = idOf;
    this.#logger = logger;
    this.#load(configured);
  }

  /** Configured ones first, in their order, then the others in the order of their creation. */
  list(): Entry<T>[] {
    return [...this.#entries.values()];
  }

  get(id: string): Entry<T> | undefined {
    return this.#entries.get(id);
  }

  /** Adds or replaces a definition, on disk before in memory. */
  async put(value: T): Promise<Entry<T>> {
    const id = this.#idOf(value);
    const old = this.#entries.get(id);
    const base = this.#bases.get(id) ?? null;
    const entry: Entry<T> = { value, origin: base === null ? 'api' : 'config', createdAt: old?.createdAt ?? Date.now() };
    this.#write(id, base, JSON.stringify(value), entry.createdAt);
    this.#entries.set(id, entry);
    return entry;
  }

  /** Removes a definition; a configured one stays removed until its entry changes. @returns whether there was one */
  async delete(id: string): Promise<boolean> {
    const old = this.#entries.get(id);
    if (old === undefined) return false;
    const base = this.#bases.get(id);
    if (base === undefined) this.#forget(id);
    else this.#write(id, base, null, old.createdAt);
    this.#entries.delete(id);
    return true;
  }

  #load(configured: readonly T[]): void {
    const rows = new Map(this.#rows().map((row) => [row.id, row]));
    for (const value of configured) {
      const id = this.#idOf(value);
      const base = fingerprint(value);
      this.#bases.set(id, base);
      const row = rows.get(id);
      if (row !== undefined && row.base !== base) {
        this.#logger.warn({ [this.#kind]: id }, 'the configuration’s entry replaces what was set through the API');
        this.#forget(id);
      }
      const kept = row?.base === base ? row : undefined;
      if (kept?.value === null) continue;
      const changed = kept === undefined ? undefined : this.#parse(kept);
      this.#entries.set(id, { value: changed ?? value, origin: 'config', createdAt: kept?.created ?? Date.now() });
    }
    for (const row of rows.values()) {
      if (this.#bases.has(row.id)) continue;
      // Its entry is gone from the configuration, and with it the changes.
      if (row.base !== null) {
        this.#forget(row.id);
        continue;
      }
      const value = this.#parse(row);
      if (value !== undefined) this.#entries.set(row.id, { value, origin: 'api', createdAt: row.created });
    }
  }

  /** Parses a row. If this version can't read it, logs the reason and returns undefined; the row stays. */
  #parse(row: Row): T | undefined {
    try {
      return this.#schema.parse(JSON.parse(row.value ?? 'null'));
    } catch (error) {
      this.#logger.error({ err: error, [this.#kind]: row.id }, 'a stored definition can’t be read and is left out');
      return undefined;
    }
  }

  #rows(): Row[] {
    return this.#database
      .prepare('SELECT id, base, value, created FROM definitions WHERE kind = ? ORDER BY created, id')
      .all(this.#kind) as unknown as Row[];
  }

  #write(id: string, base: string | null, value: string | null, created: number): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO definitions (kind, id, base, value, created) VALUES (?, ?, ?, ?, ?)')
      .run(this.#kind, id, base, value, created);
  }

  #forget(id: string): void {
    this.#database.prepare('DELETE FROM definitions WHERE kind = ? AND id = ?').run(this.#kind, id);
  }
}

/** Equal for equal entries, whatever the order of their keys. */
function fingerprint(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(sorted(value))).digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, child]) => [key, sorted(child)]),
  );
}
