import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { DetectError } from './detect-error.ts';
import type { ModelHost } from './model-host.ts';
import type { ModelRegistry } from './model-registry.ts';
import { DetectorRequest, MessageReader, ProtocolError, writeMessage, type DetectorAnswer } from './protocol.ts';
import type { ResolvedModel } from './spec.ts';
import { StreamListener, type StreamConnection } from './stream-listener.ts';
import type { FrameOwner } from './waiting-frames.ts';

/** Bytes of answers that a client may leave unread. */
const MAX_UNREAD = 4 << 20;

/** Listens for stream processes that want frames looked at by models. @throws as {@link StreamListener.listen} */
export function listenForFrames(path: string, registry: ModelRegistry, logger: Logger): Promise<StreamListener> {
  return StreamListener.listen(path, (socket) => new DetectorConnection(socket, registry, logger));
}

/** One detector of one stream. */
class DetectorConnection implements StreamConnection {
  readonly #socket: Socket;
  readonly #registry: ModelRegistry;
  readonly #logger: Logger;
  readonly #reader: MessageReader;
  #opening = false;
  #open: { owner: FrameOwner; model: ResolvedModel; host: ModelHost; release: () => void } | undefined;

  constructor(socket: Socket, registry: ModelRegistry, logger: Logger) {
    this.#socket = socket;
    this.#registry = registry;
    this.#logger = logger;
    // No picture can come before it is known how large it will be.
    this.#reader = new MessageReader(0, (header, payload) => this.#take(header, payload));
    socket.on('data', (chunk) => {
      try {
        this.#reader.push(chunk);
      } catch (error) {
        this.#refuse(error);
      }
    });
    socket.on('error', (error) => this.#logger.debug({ err: error }, 'a connection of a stream process broke'));
    socket.once('close', () => this.#abandon());
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(header: unknown, payload: Buffer): void {
    const request = DetectorRequest.safeParse(header);
    if (!request.success) throw new ProtocolError(`A request is not understood: ${request.error.issues[0]?.message ?? ''}`);
    if (request.data.type === 'open') void this.#openModel(request.data);
    else this.#infer(request.data, payload);
  }

  async #openModel({ model, stream }: Extract<DetectorRequest, { type: 'open' }>): Promise<void> {
    if (this.#opening || this.#open !== undefined) return this.#refuse(new ProtocolError('A connection opens one model'));
    this.#opening = true;
    try {
      const { host, release } = await this.#registry.use(model);
      if (this.#socket.destroyed) return release();
      this.#open = { owner: { stream }, model, host, release };
      this.#reader.maxPayload = model.manifest.input.width * model.manifest.input.height * 3;
      void host.ended.then(() => this.#socket.destroy());
      this.#send({ type: 'opened', provider: host.provider, batches: host.batches });
    } catch (error) {
      const { code, message } = answerable(error);
      this.#logger.warn({ model: model.name, code }, message);
      this.#send({ type: 'error', code, message });
    } finally {
      this.#opening = false;
    }
  }

  #infer(request: Extract<DetectorRequest, { type: 'infer' }>, picture: Buffer): void {
    if (this.#open === undefined) throw new ProtocolError('A frame came before the model was open');
    const { width, height } = this.#open.model.manifest.input;
    const { id, content, threshold, classes } = request;
    if (picture.length !== width * height * 3) throw new ProtocolError(`A picture of ${width}×${height} has ${width * height * 3} bytes, not ${picture.length}`);
    if (content[0] + content[2] > width || content[1] + content[3] > height) throw new ProtocolError('The content is not inside the picture');
    this.#open.host.submit(this.#open.owner, {
      frame: { picture, content, threshold, classes },
      done: ({ seen, ...measured }) => this.#send({ type: 'result', id, detections: seen, ...measured }),
      dropped: () => this.#send({ type: 'dropped', id }),
      failed: (error) => this.#send({ type: 'error', id, ...answerable(error) }),
    });
  }

  #send(answer: DetectorAnswer): void {
    if (this.#socket.destroyed) return;
    if (this.#socket.writableLength > MAX_UNREAD) return void this.#socket.destroy();
    writeMessage(this.#socket, answer);
  }

  /** After a broken rule nothing that follows can be understood. */
  #refuse(error: unknown): void {
    this.#logger.warn({ err: error }, 'a connection was refused');
    if (!this.#socket.destroyed) writeMessage(this.#socket, { type: 'error', ...answerable(error) });
    this.#socket.destroySoon();
  }

  #abandon(): void {
    this.#open?.host.withdraw(this.#open.owner);
    this.#open?.release();
    this.#open = undefined;
  }
}

function answerable(error: unknown): { code: string; message: string } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof DetectError) return { code: error.code, message };
  return { code: error instanceof ProtocolError ? 'protocol' : 'internal', message };
}
