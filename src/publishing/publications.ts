import type { Logger } from 'pino';
import type { Config } from '../config/schema.ts';
import { StreamId } from '../config/stream-id.ts';
import type { Broadcast } from '../sfu/broadcast.ts';
import type { BypassPublisher } from '../sfu/bypass-publisher.ts';
import type { PeerEnd } from '../sfu/peer.ts';
import type { Publisher } from '../sfu/publisher.ts';
import type { PublishRequest } from '../sfu/requests.ts';
import type { Sfu } from '../sfu/sfu.ts';
import type { StreamRegistry } from '../streams/registry.ts';
import { Exclusive } from '../util/exclusive.ts';
import { Refusal } from '../util/refusal.ts';

/** The source of streams that are fed by publishers. */
const PUBLISH_URL = 'publish://';

export interface PublicationsOptions {
  readonly sfu: Sfu;
  readonly registry: StreamRegistry;
  readonly settings: Config['publish'];
  readonly logger: Logger;
}

/** Admits publishers to streams: creates a stream for a publisher if that is allowed, and removes it after the publisher has left. */
export class Publications {
  readonly #options: PublicationsOptions;
  readonly #exclusive = new Exclusive();
  /** Timers of streams whose publisher may reconnect. */
  readonly #grace = new Map<string, NodeJS.Timeout>();
  readonly #onChanged = (id: string): void => this.#dismiss(id);
  #closed = false;

  constructor(options: PublicationsOptions) {
    this.#options = options;
    options.registry.on('changed', this.#onChanged);
  }

  /**
   * Admits a WebRTC publisher to a stream.
   * @throws Refusal
   */
  open(id: string, request: PublishRequest): Promise<Publisher> {
    return this.#admit(id, (broadcast) => broadcast.publish(request));
  }

  /**
   * Admits a publisher whose media bypasses the SFU.
   * @throws Refusal
   */
  async openBypass(id: string, publisher: BypassPublisher): Promise<void> {
    await this.#admit(id, (broadcast) => {
      broadcast.attachPublisher(publisher);
      return Promise.resolve(publisher);
    });
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#options.registry.off('changed', this.#onChanged);
    for (const timer of this.#grace.values()) clearTimeout(timer);
    this.#grace.clear();
  }

  #admit<Admitted extends Publisher | BypassPublisher>(id: string, take: (broadcast: Broadcast) => Promise<Admitted>): Promise<Admitted> {
    return this.#exclusive.run(id, async () => {
      const made = await this.#provide(id);
      const { sfu, settings } = this.#options;
      const broadcast = sfu.broadcast(id);
      if (settings.policy === 'refuse' && broadcast.publisher !== undefined) {
        throw new Refusal('already-published', 'Somebody publishes this stream already (publish.policy is refuse).');
      }
      try {
        const publisher = await take(broadcast);
        this.#stay(id);
        publisher.once('close', (reason: PeerEnd) => this.#left(id, reason));
        return publisher;
      } catch (error) {
        if (made) await this.#remove(id);
        throw error;
      }
    });
  }

  /** Ensures that there is a stream that takes publishers. @returns whether it was created for this publisher */
  async #provide(id: string): Promise<boolean> {
    const { registry, settings } = this.#options;
    const kind = registry.stream(id) === undefined ? undefined : registry.get(id).source.kind;
    if (kind === 'publish') return false;
    if (kind !== undefined) throw new Refusal('other-source', `The source of the stream “${id}” is another (${kind}); only streams with the source ${PUBLISH_URL} take publishers.`);
    if (!settings.create) throw new Refusal('not-found', 'There is no such stream, and publishers may make none (publish.create is false).');
    const parsed = StreamId.safeParse(id);
    if (!parsed.success) {
      const message = parsed.error.issues[0]?.message ?? 'Is no id of a stream.';
      throw new Refusal('bad-stream-id', message, [{ path: 'id', message }]);
    }
    await registry.addTransient({ id, source: PUBLISH_URL });
    return true;
  }

  #left(id: string, reason: PeerEnd): void {
    if (reason === 'replaced' || reason === 'gone' || this.#closed) return;
    const { registry, settings } = this.#options;
    if (registry.stream(id) === undefined || registry.get(id).origin !== 'publisher') return;
    if (reason === 'closed') return void this.#removeIfLeft(id);
    this.#stay(id);
    this.#grace.set(id, setTimeout(() => this.#removeIfLeft(id), settings.graceMs));
  }

  #stay(id: string): void {
    clearTimeout(this.#grace.get(id));
    this.#grace.delete(id);
  }

  #removeIfLeft(id: string): void {
    this.#grace.delete(id);
    this.#exclusive
      .run(id, async () => {
        if (this.#closed || this.#options.registry.stream(id) === undefined) return;
        if (this.#options.sfu.broadcast(id).publisher === undefined) await this.#remove(id);
      })
      .catch((error: unknown) => this.#options.logger.error({ err: error, stream: id }, 'a stream could not be removed after its publisher had left'));
  }

  async #remove(id: string): Promise<void> {
    await this.#options.registry.remove(id).catch((error: unknown) => {
      if (!(error instanceof Refusal && error.code === 'stream-not-found')) throw error;
    });
  }

  /** Closes the publisher of a stream that has another source now. */
  #dismiss(id: string): void {
    const { registry, sfu } = this.#options;
    const { publisher } = sfu.broadcast(id);
    if (publisher !== undefined && registry.get(id).source.kind !== 'publish') publisher.close('gone');
  }
}
