import type { DatabaseSync } from 'node:sqlite';
import type { Logger } from 'pino';
import type { LineState, SceneEvent } from '../pipeline/analytics/events.ts';
import { Counter } from '../pipeline/analytics/tally.ts';
import { transaction } from './database.ts';

/** Counts are kept by the minute. */
const GRAIN_MS = 60_000;
/** Milliseconds that counts stay in memory before they are written; a crash loses no more than these. */
const WRITE_MS = 2000;
/** Milliseconds between two deletions of expired counts. */
const CLEAN_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** What is counted: objects that entered and left a zone, and that crossed a line in either direction. */
export type CountKind = 'entered' | 'left' | 'in' | 'out';

/** One count. */
export interface Count {
  /** Zone or line. */
  readonly shape: string;
  readonly kind: CountKind;
  readonly label: string;
  /** Start of its bucket, milliseconds since the epoch. */
  readonly at: number;
  readonly count: number;
  /** Of `left`: the time that the objects had stayed, in total, in ms. */
  readonly dwellMs: number;
}

/** What a {@link CountStore} is made from. */
export interface CountStoreInit {
  readonly database: DatabaseSync;
  /** How long counts are kept. */
  readonly retentionDays: number;
  readonly logger: Logger;
}

/** Counts of streams, by the minute, written every few seconds. */
export class CountStore {
  readonly #database: DatabaseSync;
  readonly #retentionMs: number;
  readonly #logger: Logger;
  /** Unwritten counts, by their key. */
  readonly #waiting = new Map<string, { stream: string } & Count>();
  readonly #writing: NodeJS.Timeout;
  readonly #cleaning: NodeJS.Timeout;

  constructor({ database, retentionDays, logger }: CountStoreInit) {
    this.#database = database;
    this.#retentionMs = retentionDays * DAY_MS;
    this.#logger = logger;
    this.#writing = setInterval(() => this.#flush(), WRITE_MS).unref();
    this.#cleaning = setInterval(() => this.#clean(), CLEAN_MS).unref();
    this.#clean();
  }

  /** Counts events of one stream. */
  add(stream: string, events: readonly SceneEvent[]): void {
    for (const event of events) {
      const { shape, kind, dwellMs } = countOf(event);
      const at = Math.floor(event.capturedAt / GRAIN_MS) * GRAIN_MS;
      const key = JSON.stringify([stream, shape, kind, event.label, at]);
      const waiting = this.#waiting.get(key);
      this.#waiting.set(key, { stream, shape, kind, label: event.label, at, count: (waiting?.count ?? 0) + 1, dwellMs: (waiting?.dwellMs ?? 0) + dwellMs });
    }
  }

  /**
   * Reads the counts of a time span, in buckets that begin at multiples of their length, in order of time.
   *
   * @param from milliseconds since the epoch; @param to excluded
   * @param bucketMs a multiple of a minute
   */
  async read(stream: string, { from, to, bucketMs }: { from: number; to: number; bucketMs: number }): Promise<Count[]> {
    this.#flush();
    return this.#database
      .prepare(
        `SELECT shape, kind, label, at - at % CAST(? AS INTEGER) AS at, SUM(n) AS count, SUM(dwell) AS dwellMs FROM counts
         WHERE stream = ? AND at >= ? AND at < ? GROUP BY 1, 2, 3, 4 ORDER BY 4, shape, kind, label`,
      )
      .all(bucketMs, stream, from, to) as unknown as Count[];
  }

  /** Reads the totals of each line, as far back as counts are kept. */
  lineTotals(stream: string): Record<string, LineState> {
    this.#flush();
    const rows = this.#database
      .prepare(`SELECT shape, kind, label, SUM(n) AS count FROM counts WHERE stream = ? AND kind IN ('in', 'out') GROUP BY 1, 2, 3`)
      .all(stream) as unknown as { shape: string; kind: 'in' | 'out'; label: string; count: number }[];
    const totals = new Map<string, { in: Counter; out: Counter }>();
    for (const { shape, kind, label, count } of rows) {
      const line = totals.get(shape) ?? { in: new Counter(), out: new Counter() };
      line[kind].add(label, count);
      totals.set(shape, line);
    }
    return Object.fromEntries([...totals].map(([line, counted]) => [line, { in: counted.in.tally, out: counted.out.tally }]));
  }

  /** Deletes the counts of a stream. */
  async reset(stream: string): Promise<void> {
    for (const [key, waiting] of this.#waiting) if (waiting.stream === stream) this.#waiting.delete(key);
    this.#database.prepare('DELETE FROM counts WHERE stream = ?').run(stream);
  }

  /** Writes what waits. Idempotent; leaves the database open. */
  close(): void {
    clearInterval(this.#writing);
    clearInterval(this.#cleaning);
    this.#flush();
  }

  #flush(): void {
    if (this.#waiting.size === 0) return;
    try {
      const insert = this.#database.prepare(
        `INSERT INTO counts (stream, at, shape, kind, label, n, dwell) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET n = n + excluded.n, dwell = dwell + excluded.dwell`,
      );
      transaction(this.#database, () => {
        for (const { stream, at, shape, kind, label, count, dwellMs } of this.#waiting.values()) insert.run(stream, at, shape, kind, label, count, dwellMs);
      });
      this.#waiting.clear();
    } catch (error) {
      // Retried with the next write. Memory is bounded: one entry per minute, shape and label.
      this.#logger.error({ err: error, waiting: this.#waiting.size }, 'counts can’t be written');
    }
  }

  #clean(): void {
    try {
      this.#database.prepare('DELETE FROM counts WHERE at < ?').run(Date.now() - this.#retentionMs);
    } catch (error) {
      this.#logger.error({ err: error }, 'old counts can’t be removed');
    }
  }
}

function countOf(event: SceneEvent): Pick<Count, 'shape' | 'kind' | 'dwellMs'> {
  switch (event.type) {
    case 'zone.entered':
      return { shape: event.zone, kind: 'entered', dwellMs: 0 };
    case 'zone.left':
      return { shape: event.zone, kind: 'left', dwellMs: Math.round(event.dwellMs) };
    case 'line.crossed':
      return { shape: event.line, kind: event.direction, dwellMs: 0 };
  }
}
