import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { SceneEvent } from '../pipeline/analytics/events.ts';
import { Backoff } from '../util/backoff.ts';
import type { WebhookSettings } from './options.ts';
import { SIGNATURE_HEADER, signatureOf } from './signature.ts';

/** Most events that wait; the oldest are dropped first. */
const MAX_WAITING = 2000;
/** Most events in one post. */
const MAX_BATCH = 100;
/** Attempts after which a post is given up. */
const MAX_ATTEMPTS = 8;
/** Time limit of an answer, in ms. */
const ANSWER_MS = 10_000;
/** 4xx statuses that may be temporary; all others are final. */
const PASSING = new Set([408, 425, 429]);

/** Waits between attempts, in ms. */
export interface WebhookTiming {
  readonly firstRetryMs: number;
  readonly mostRetryMs: number;
}

const TIMING: WebhookTiming = { firstRetryMs: 1000, mostRetryMs: 120_000 };

/** Counts of one webhook's events since the start. */
export interface WebhookStats {
  /** Host that it posts to. */
  readonly host: string;
  readonly waiting: number;
  readonly delivered: number;
  /** Failed posts, whether retried or not. */
  readonly failures: number;
  /** Events that were given up: refused, failed too often, or dropped from the queue. */
  readonly dead: number;
}

/**
 * Posts events to one address, in order: one post at a time, with all waiting events. A failed post is retried with back-off; a refused
 * one is given up.
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
    // Paths and queries of webhooks are often secrets.
    this.#host = new URL(settings.url).host;
    this.#logger = logger.child({ webhook: this.#host });
    this.#backoff = new Backoff({ first: timing.firstRetryMs, most: timing.mostRetryMs });
  }

  get stats(): WebhookStats {
    return { host: this.#host, waiting: this.#waiting.length, ...this.#counts };
  }

  /** Queues events of one stream, if the webhook subscribes to them. */
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

  /** Gives up what is not delivered. Idempotent. */
  async close(): Promise<void> {
    this.#aborter.abort();
    await this.#posting;
  }

  async #postAll(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#aborter.signal.aborted) await this.#postBatch(this.#waiting.splice(0, MAX_BATCH));
  }

  async #postBatch(events: readonly SceneEvent[]): Promise<void> {
    // The same id for each attempt, so that a receiver can recognise duplicates.
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

  /** @returns why it failed; undefined on success */
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
        // A redirect could lead to addresses that only this machine may reach (CWE-918).
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
      // Messages of these errors may contain the whole address.
      return { reason: (error as { cause?: { code?: string } }).cause?.code ?? (error as Error).name, final: false };
    }
  }
}
