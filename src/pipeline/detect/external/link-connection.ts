import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { MessageReader, ProtocolError, writeMessage } from '../protocol.ts';
import { StreamListener, type StreamConnection } from '../stream-listener.ts';
import { LinkRequest, MAX_PICTURE, type LinkAnswer, type PoolState } from './frame-protocol.ts';
import type { Pool } from './pool.ts';
import type { Detected, PoolProblem, StreamPort } from './ports.ts';
import type { Pools } from './pools.ts';
import type { FrameChoice } from './wire.ts';

/** Bytes of answers that a stream process may leave unread. */
const MAX_UNREAD = 4 << 20;

/** Listens for stream processes that have frames for algorithms of others. @throws as {@link StreamListener.listen} */
export function listenForFrames(path: string, pools: Pools, logger: Logger): Promise<StreamListener> {
  return StreamListener.listen(path, (socket) => new LinkConnection(socket, pools, logger));
}

/** One detector of one stream. */
class LinkConnection implements StreamPort, StreamConnection {
  readonly #socket: Socket;
  readonly #pools: Pools;
  #open: { readonly stream: string; readonly pool: Pool } | undefined;

  constructor(socket: Socket, pools: Pools, logger: Logger) {
    this.#socket = socket;
    this.#pools = pools;
    // No picture can come before somebody wanted one.
    const reader = new MessageReader(0, (header, payload) => {
      this.#take(header, payload);
      reader.maxPayload = MAX_PICTURE;
    });
    socket.on('data', (chunk) => {
      try {
        reader.push(chunk);
      } catch (error) {
        logger.warn({ err: error }, 'a connection of a stream process was refused');
        this.#send({ type: 'error', message: error instanceof Error ? error.message : String(error) });
        socket.destroySoon();
      }
    });
    socket.on('error', (error) => logger.debug({ err: error }, 'a connection of a stream process broke'));
    socket.once('close', () => this.#abandon());
  }

  close(): void {
    this.#socket.destroy();
  }

  state(state: PoolState, workers: number, error?: PoolProblem): void {
    this.#send({ type: 'state', state, workers, ...(error === undefined ? {} : { error }) });
  }

  want(id: number, { width, height, resize }: FrameChoice): void {
    this.#send({ type: 'want', id, width, height, resize });
  }

  unwant(id: number): void {
    this.#send({ type: 'unwant', id });
  }

  result(id: number, detections: Detected[], workMs: number): void {
    this.#send({ type: 'result', id, detections, workMs });
  }

  lost(id: number, reason: string): void {
    this.#send({ type: 'lost', id, reason });
  }

  #take(header: unknown, picture: Buffer): void {
    const request = LinkRequest.safeParse(header);
    if (!request.success) throw new ProtocolError(`A request is not understood: ${request.error.issues[0]?.message ?? ''}`);
    if (request.data.type === 'open') {
      if (this.#open !== undefined) throw new ProtocolError('A connection opens one detector');
      const { stream, detector, endpoint } = request.data;
      this.#open = { stream, pool: this.#pools.use(detector, endpoint, this) };
      return;
    }
    if (this.#open === undefined) throw new ProtocolError('A frame came before a detector was open');
    const { type: _type, id, ...frame } = request.data;
    const bytes = frame.width * frame.height * 3;
    if (picture.length !== bytes) throw new ProtocolError(`A picture of ${frame.width}×${frame.height} has ${bytes} bytes, not ${picture.length}`);
    this.#open.pool.frame(this, id, { stream: this.#open.stream, ...frame, picture });
  }

  #send(answer: LinkAnswer): void {
    if (this.#socket.destroyed) return;
    if (this.#socket.writableLength > MAX_UNREAD) return void this.#socket.destroy();
    writeMessage(this.#socket, answer);
  }

  #abandon(): void {
    if (this.#open !== undefined) this.#pools.release(this.#open.pool, this);
    this.#open = undefined;
  }
}
