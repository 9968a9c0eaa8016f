import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { SceneEvent } from '../pipeline/analytics/events.ts';
import { Backoff } from '../util/backoff.ts';
import type { WebhookSettings } from './options.ts';
import { SIGNATURE_HEADER, signatureOf } from './signature.ts';

/** Events that wait at most; the oldest go first. */
const MAX_WAITING = 2000;
/** Events of one post at most. */
const MAX_BATCH = 100;
/** A post that failed so often is given up. */
const MAX_ATTEMPTS = 8;
/** An answer that takes longer is none, ms. */
const ANSWER_MS = 10_000;
/** Refusals that another attempt may not get; any other 4xx stays one. */
const PASSING = new Set([408, 425, 429]);

/** Waits between attempts, in ms. */
export interface WebhookTiming {
  readonly firstRetryMs: number;
  readonly mostRetryMs: number;
}

const TIMING: WebhookTiming = { firstRetryMs: 1000, mostRetryMs: 120_000 };

/** What became of one webhook's events, since the start. */
export interface WebhookStats {
  /** Host that it posts to. */
  readonly host: string;
  readonly waiting: number;
  readonly delivered: number;
  /** Posts that failed, whether they were tried again or not. */
  readonly failures: number;
  /** Events that were given up: refused, failed too often, or too many to wait. */
  readonly dead: number;
}

/**
 * Posts events to one address, in order: one post at a time, with all events that wait. What fails is tried again with growing
 * waits; what is refused is given up.
 */
export class Webhook {
  readonly #settings: WebhookSettings;
  readonly #host: string;
  readonly #logger: Logger;
  readonly #backoff: Backoff;
  readonly #aborter = new AbortController();
  readonly #waiting: SceneEvent[] = [];
  readonly #counts = { delivered: 0, failures: 0, dead: 0 };
  #posting: Promise<void> | undefined;

  constructor(settings: WebhookSettings, logger: Logger, timing: WebhookTiming = TIMING) {
    this.#settings = settings;
    // Paths and queries of webhooks often are secrets.
    this.#host = new URL(settings.url).host;
    this.#logger = logger.child({ webhook: this.#host });
    this.#backoff = new Backoff({ first: timing.firstRetryMs, most: timing.mostRetryMs });
  }

  get stats(): WebhookStats {
    return { host: this.#host, waiting: this.#waiting.length, ...this.#counts };
  }

  /** Tells what happened on one stream, if somebody wants to know. */
  tell(stream: string, events: readonly SceneEvent[]): void {
    const { events: types, streams } = this.#settings;
    if (this.#aborter.signal.aborted || streams?.includes(stream) === false) return;
    this.#waiting.push(...events.filter(({ type }) => types?.includes(type) !== false));
    const tooMany = this.#waiting.length - MAX_WAITING;
    if (tooMany > 0) {
      this.#waiting.splice(0, tooMany);
      this.#counts.dead += tooMany;
    }
    this.#posting ??= this.#postAll().finally(() => (this.#posting = undefined));
  }

  /** What is not delivered by now is given up. Idempotent. */
  async close(): Promise<void> {
    this.#aborter.abort();
    await this.#posting;
  }

  async #postAll(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#aborter.signal.aborted) await this.#postBatch(this.#waiting.splice(0, MAX_BATCH));
  }

  async #postBatch(events: readonly SceneEvent[]): Promise<void> {
    // The same for each attempt, so that a receiver knows what it has already.
    const body = JSON.stringify({ id: randomUUID(), events });
    this.#backoff.reset();
    for (let attempt = 1; ; attempt++) {
      const failure = await this.#post(body);
      if (failure === undefined) {
        this.#counts.delivered += events.length;
        return;
      }
      this.#counts.failures += 1;
      const final = failure.final || attempt >= MAX_ATTEMPTS || this.#aborter.signal.aborted;
      if (final) {
        this.#counts.dead += events.length;
        this.#logger.warn({ attempts: attempt, events: events.length, reason: failure.reason }, 'events were given up');
        return;
      }
      const waitMs = Math.max(this.#backoff.next(), failure.waitMs ?? 0);
      this.#logger.info({ attempt, waitMs, reason: failure.reason }, 'a webhook failed and is tried again');
      await sleep(waitMs, undefined, { signal: this.#aborter.signal }).catch(() => undefined);
    }
  }

  /** @returns why it failed; undefined where it did not */
  async #post(body: string): Promise<{ reason: string; final: boolean; waitMs?: number } | undefined> {
    try {
      const response = await fetch(this.#settings.url, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          'User-Agent': 'Framelock',
          [SIGNATURE_HEADER]: signatureOf(this.#settings.secret, body, Date.now()),
        },
        body,
        // It could lead to where only this machine may go (CWE-918).
        redirect: 'manual',
        signal: AbortSignal.any([this.#aborter.signal, AbortSignal.timeout(ANSWER_MS)]),
      });
      await response.body?.cancel();
      const { status } = response;
      if (response.ok) return undefined;
      const waitS = Number(response.headers.get('retry-after'));
      return {
        reason: `status ${status}`,
        final: status < 500 && !PASSING.has(status),
        ...(waitS > 0 ? { waitMs: Math.min(waitS * 1000, TIMING.mostRetryMs) } : {}),
      };
    } catch (error) {
      // Messages of these errors may hold the whole address.
      return { reason: (error as { cause?: { code?: string } }).cause?.code ?? (error as Error).name, final: false };
    }
  }
}
