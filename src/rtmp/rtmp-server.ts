import { once } from 'node:events';
import { createServer, isIPv6, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Config } from '../config/schema.ts';
import { StreamId } from '../config/stream-id.ts';
import { BypassPublisher } from '../sfu/bypass-publisher.ts';
import type { PeerEnd } from '../sfu/peer.ts';
import type { Publications } from '../publishing/publications.ts';
import { Refusal } from '../util/refusal.ts';
import { RtmpConnection, type Push } from './connection.ts';
import { FlvFeed } from './flv-feed.ts';
import { FlvOutlet } from './flv-outlet.ts';
import { APPLICATION, readPublishName } from './publish-name.ts';
import type { PublishKeys } from './publish-keys.ts';
import { RtmpError } from './rtmp-error.ts';

/** Milliseconds by which the answer to a wrong key is delayed, to slow down guessing. */
const WRONG_KEY_MS = 1000;
/** Most connections without an admitted publisher: in all, and from one address. */
const MAX_STRANGERS = 64;
const MAX_STRANGERS_EACH = 16;
/** Least milliseconds between two log lines about connections that violate the protocol. */
const REPORT_MS = 1000;

/** What a publisher is told when the server ends its publication. */
const ENDS: Partial<Record<PeerEnd, string>> = {
  replaced: 'Somebody else publishes this stream now.',
  gone: 'The stream was removed, or has another source now.',
};

export interface RtmpServerOptions {
  readonly settings: Config['rtmp'] & { readonly host: string };
  readonly publications: Pick<Publications, 'openBypass'>;
  readonly keys: PublishKeys;
  readonly logger: Logger;
}

/**
 * Accepts streams from RTMP encoders, such as OBS and ffmpeg. Their media is passed on unchanged; the stream’s process demuxes and decodes
 * it.
 */
export class RtmpServer {
  readonly #options: RtmpServerOptions;
  readonly #server: Server;
  /** With their remote addresses. */
  readonly #connections = new Map<RtmpConnection, string>();
  readonly #publishers = new Set<BypassPublisher>();
  #outlet: FlvOutlet | undefined;
  #broken = 0;
  #reportedAt = -Infinity;
  #closed = false;

  constructor(options: RtmpServerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => void this.#serve(socket));
  }

  /** Begins to listen. If it can’t, for example because the port is taken, it logs that: everything else works without RTMP. */
  async start(): Promise<void> {
    const { settings, logger } = this.#options;
    try {
      const url = await this.#listen();
      logger.info({ url }, `RTMP is taken at ${url}/STREAM`);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const reason = code === 'EADDRINUSE' ? 'another program has the port' : `the system says ${code ?? 'no'}`;
      logger.warn({ err: error }, `RTMP is not taken: ${reason} (${settings.host}:${settings.port}). Set rtmp.port to another one, or rtmp.enabled to false.`);
    }
  }

  /** @returns the address to push to, without the stream */
  async #listen(): Promise<string> {
    const { host, port } = this.#options.settings;
    this.#outlet = await FlvOutlet.open();
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    // Later errors, such as a lack of file descriptors, concern single connections only.
    this.#server.on('error', (error) => this.#options.logger.warn({ err: error }, 'an RTMP connection could not be taken'));
    const address = this.#server.address() as AddressInfo;
    return `rtmp://${isIPv6(address.address) ? `[${address.address}]` : address.address}:${address.port}/${APPLICATION}`;
  }

  /** Ends all connections, after telling their publishers. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const closed = this.#server.listening ? once(this.#server, 'close') : undefined;
    this.#server.close();
    for (const connection of this.#connections.keys()) connection.close('The server ends.');
    for (const publisher of [...this.#publishers]) publisher.close('gone');
    await this.#outlet?.close();
    await closed;
  }

  async #serve(socket: Socket): Promise<void> {
    const { settings, logger } = this.#options;
    socket.on('error', () => undefined);
    const from = socket.remoteAddress ?? '';
    if (this.#closed || this.#connections.size >= settings.connections || this.#tooManyStrangers(from)) {
      socket.destroy();
      return this.#report('there are too many RTMP connections; one was refused', from);
    }
    const connection = new RtmpConnection(socket, (app, name, it) => this.#admit(app, name, it, from));
    this.#connections.set(connection, from);
    try {
      await connection.run();
    } catch (error) {
      if (error instanceof RtmpError) this.#report(`an RTMP connection was closed: ${error.message}`, from);
      else if (!isBrokenConnection(error)) logger.error({ err: error }, 'an RTMP connection failed');
    } finally {
      this.#connections.delete(connection);
    }
  }

  #tooManyStrangers(from: string): boolean {
    const strangers = [...this.#connections].filter(([{ publishing }]) => !publishing);
    return strangers.length >= MAX_STRANGERS || strangers.filter(([, address]) => address === from).length >= MAX_STRANGERS_EACH;
  }

  /** @throws Refusal */
  async #admit(app: string, name: string, connection: RtmpConnection, from: string): Promise<Push> {
    const { publications, keys, logger } = this.#options;
    const { stream, key } = readPublishName(app, name);
    // An invalid id may be a misplaced key: it must not be logged or repeated.
    if (!StreamId.safeParse(stream).success) throw new Refusal('bad-stream-id', 'This is not the id of a stream: push to rtmp://HOST:PORT/live/STREAM?key=KEY.');
    if (!keys.allows(stream, key)) {
      logger.warn({ stream, from }, 'an RTMP publisher gave a wrong key, or none');
      await new Promise((resolve) => setTimeout(resolve, WRONG_KEY_MS));
      throw key === undefined ? new Refusal('key-missing', 'A stream key is needed: STREAM?key=KEY.') : new Refusal('key-wrong', 'The stream key is wrong.');
    }
    const feed = new FlvFeed();
    const { url, withdraw } = this.#outlet!.offer(feed);
    const publisher = new BypassPublisher({ flv: url });
    this.#publishers.add(publisher);
    publisher.once('close', (reason) => {
      this.#publishers.delete(publisher);
      withdraw();
      const said = ENDS[reason];
      if (said !== undefined) connection.close(said);
      logger.info({ stream, from, reason, dropped: feed.dropped }, 'an RTMP publisher has left');
    });
    try {
      await publications.openBypass(stream, publisher);
    } catch (error) {
      this.#publishers.delete(publisher);
      withdraw();
      throw error;
    }
    logger.info({ stream, from }, 'an RTMP publisher is here');
    return { media: (message) => feed.push(message), end: (orderly) => publisher.close(orderly ? 'closed' : 'transport-closed') };
  }

  /** Logs at most once a second: hostile peers come often. */
  #report(message: string, from: string): void {
    this.#broken += 1;
    if (performance.now() - this.#reportedAt < REPORT_MS) return;
    this.#reportedAt = performance.now();
    this.#options.logger.warn({ from, count: this.#broken }, message);
  }
}

/** Whether the peer disconnected or was silent for too long. */
function isBrokenConnection(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'ETIMEDOUT' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}
