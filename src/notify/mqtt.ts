import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import type { Logger } from 'pino';
import type { SceneEvent } from '../pipeline/analytics/events.ts';
import type { AnnotationMessage } from '../pipeline/annotation.ts';
import type { MqttSettings } from './options.ts';

/** Most messages that the broker has not confirmed; further ones are dropped. */
const MAX_IN_FLIGHT = 1000;
/** Milliseconds between two attempts to connect, and the time limit of one. */
const RECONNECT_MS = 2000;
const CONNECT_MS = 10_000;
/** Time limit of the last message, in milliseconds. */
const GOODBYE_MS = 1000;

/** Counts of published messages since the start. */
export interface MqttStats {
  readonly connected: boolean;
  readonly published: number;
  /** Dropped without a connection, or because the broker did not keep up. */
  readonly dropped: number;
}

/**
 * Publishes to a broker (MQTT 3.1.1):
 *
 * - `TOPIC/status`: `online` or `offline`, retained; `offline` is also the last will
 * - `TOPIC/streams/ID/events`: one event a message, at least once
 * - `TOPIC/streams/ID/counts`: how many are in zones and what lines have counted, retained
 * - `TOPIC/streams/ID/annotations`: annotation messages
 */
export class MqttPublisher {
  readonly #settings: MqttSettings;
  readonly #logger: Logger;
  readonly #client: MqttClient;
  /** When each topic was last published to, in milliseconds of the monotonic clock. */
  readonly #publishedAt = new Map<string, number>();
  readonly #counts = { published: 0, dropped: 0 };
  #inFlight = 0;
  #lastProblem = '';
  #closed: Promise<void> | undefined;

  constructor(settings: MqttSettings & { readonly url: string }, logger: Logger) {
    this.#settings = settings;
    const { url, username, password } = settings;
    this.#logger = logger.child({ broker: new URL(url).host });
    const options: IClientOptions = {
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      will: { topic: this.#topic('status'), payload: Buffer.from('offline'), qos: 1, retain: true },
      reconnectPeriod: RECONNECT_MS,
      connectTimeout: CONNECT_MS,
      // Outdated by the time it could be sent.
      queueQoSZero: false,
    };
    this.#client = connect(url, options);
    this.#client.on('connect', () => {
      this.#lastProblem = '';
      this.#logger.info('connected to the MQTT broker');
      this.#client.publish(this.#topic('status'), 'online', { qos: 1, retain: true });
    });
    this.#client.on('error', (error) => this.#complain(error));
    this.#client.on('close', () => this.#complain(new Error('the connection is closed')));
  }

  get stats(): MqttStats {
    return { connected: this.#client.connected, ...this.#counts };
  }

  /** Publishes events of one stream. */
  tell(stream: string, events: readonly SceneEvent[]): void {
    for (const event of events) this.#publish(this.#topic(`streams/${stream}/events`), event, { qos: 1, retain: false });
  }

  /** Whether anything of annotation messages is published. */
  get announces(): boolean {
    return this.#settings.annotationsPerSecond > 0 || this.#settings.countsPerSecond > 0;
  }

  /** Publishes an annotation message, if the interval has passed. */
  announce(message: AnnotationMessage): void {
    const { stream, seq, rtp, capturedAt, zones, lines } = message;
    const { countsPerSecond, annotationsPerSecond } = this.#settings;
    if ((zones !== undefined || lines !== undefined) && this.#isTime(`counts/${stream}`, countsPerSecond)) {
      this.#publish(this.#topic(`streams/${stream}/counts`), { stream, seq, rtp, capturedAt, zones: zones ?? {}, lines: lines ?? {} }, { qos: 0, retain: true });
    }
    if (this.#isTime(`annotations/${stream}`, annotationsPerSecond)) {
      this.#publish(this.#topic(`streams/${stream}/annotations`), message, { qos: 0, retain: false });
    }
  }

  /** Clears the retained messages of a removed stream. */
  forget(stream: string): void {
    this.#publishedAt.delete(`counts/${stream}`);
    this.#publishedAt.delete(`annotations/${stream}`);
    if (this.#client.connected) this.#client.publish(this.#topic(`streams/${stream}/counts`), '', { qos: 1, retain: true });
  }

  /** Publishes `offline` and disconnects, within a second. Idempotent. */
  close(): Promise<void> {
    return (this.#closed ??= this.#end());
  }

  async #end(): Promise<void> {
    this.#client.removeAllListeners('close');
    if (this.#client.connected) {
      const said = this.#client.publishAsync(this.#topic('status'), 'offline', { qos: 1, retain: true });
      await Promise.race([said.catch(() => undefined), new Promise((resolve) => setTimeout(resolve, GOODBYE_MS).unref())]);
    }
    await this.#client.endAsync(true);
  }

  #publish(topic: string, value: object, options: { qos: 0 | 1; retain: boolean }): void {
    if (this.#closed !== undefined || !this.#client.connected || this.#inFlight >= MAX_IN_FLIGHT) {
      this.#counts.dropped += 1;
      return;
    }
    this.#inFlight += 1;
    this.#client.publish(topic, JSON.stringify(value), options, (error) => {
      this.#inFlight -= 1;
      if (error) this.#counts.dropped += 1;
      else this.#counts.published += 1;
    });
  }

  #isTime(key: string, perSecond: number): boolean {
    if (perSecond === 0) return false;
    const time = performance.now();
    const last = this.#publishedAt.get(key);
    if (last !== undefined && time - last < 1000 / perSecond) return false;
    this.#publishedAt.set(key, time);
    return true;
  }

  #topic(rest: string): string {
    return `${this.#settings.topic}/${rest}`;
  }

  /** Logs a problem once until the next successful connection. */
  #complain(error: Error & { code?: string | number }): void {
    const problem = String(error.code ?? error.message);
    if (problem === this.#lastProblem) return;
    if (this.#lastProblem === '') this.#logger.warn({ problem }, 'no connection to the MQTT broker; it is tried again');
    this.#lastProblem = problem;
  }
}
