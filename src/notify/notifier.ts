import type { Logger } from 'pino';
import type { SceneEvent } from '../pipeline/analytics/events.ts';
import type { StreamRegistry } from '../streams/registry.ts';
import { MqttPublisher, type MqttStats } from './mqtt.ts';
import type { MqttSettings, WebhookSettings } from './options.ts';
import { Webhook, type WebhookStats, type WebhookTiming } from './webhook.ts';

/** What a {@link Notifier} is made from. */
export interface NotifierInit {
  readonly registry: StreamRegistry;
  readonly webhooks: readonly WebhookSettings[];
  readonly mqtt: MqttSettings;
  readonly logger: Logger;
  readonly timing?: WebhookTiming;
}

/** Counts of notifications since the start. */
export interface NotifierStats {
  readonly webhooks: readonly WebhookStats[];
  /** Absent without a broker. */
  readonly mqtt?: MqttStats;
}

/** Sends what happens on streams to webhooks and to an MQTT broker. */
export class Notifier {
  readonly #registry: StreamRegistry;
  readonly #webhooks: readonly Webhook[];
  readonly #mqtt: MqttPublisher | undefined;
  readonly #onScene = (stream: string, events: readonly SceneEvent[]): void => {
    for (const webhook of this.#webhooks) webhook.tell(stream, events);
    this.#mqtt?.tell(stream, events);
  };
  /** Ends what follows the annotations of a stream. */
  readonly #unfollow = new Map<string, () => void>();
  readonly #onAdded = (id: string): void => this.#follow(id);
  readonly #onRemoved = ({ id }: { id: string }): void => {
    this.#leave(id);
    this.#mqtt?.forget(id);
  };

  constructor({ registry, webhooks, mqtt, logger, timing }: NotifierInit) {
    this.#registry = registry;
    this.#webhooks = webhooks.map((settings) => new Webhook(settings, logger, timing));
    const { url } = mqtt;
    this.#mqtt = url === undefined ? undefined : new MqttPublisher({ ...mqtt, url }, logger);
    registry.on('scene', this.#onScene);
    if (this.#mqtt === undefined) return;
    registry.on('added', this.#onAdded);
    registry.on('removed', this.#onRemoved);
    for (const { id } of registry.list()) this.#onAdded(id);
  }

  get stats(): NotifierStats {
    return { webhooks: this.#webhooks.map(({ stats }) => stats), ...(this.#mqtt === undefined ? {} : { mqtt: this.#mqtt.stats }) };
  }

  /** Takes about a second at most. Idempotent. */
  async close(): Promise<void> {
    this.#registry.off('scene', this.#onScene);
    this.#registry.off('added', this.#onAdded);
    this.#registry.off('removed', this.#onRemoved);
    for (const id of [...this.#unfollow.keys()]) this.#leave(id);
    await Promise.all([...this.#webhooks.map((webhook) => webhook.close()), this.#mqtt?.close()]);
  }

  #follow(id: string): void {
    const stream = this.#registry.stream(id);
    if (stream === undefined || this.#mqtt?.announces !== true) return;
    this.#leave(id);
    this.#unfollow.set(id, stream.followAnnotations((message) => this.#mqtt?.announce(message)));
  }

  #leave(id: string): void {
    this.#unfollow.get(id)?.();
    this.#unfollow.delete(id);
  }
}
