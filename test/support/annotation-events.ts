import { EventEmitter, once } from 'node:events';
import { AnnotationMessage } from '../../src/pipeline/annotation.ts';
import { rtpDistance } from '../../src/pipeline/frame.ts';
import type { LiveServer } from './live-server.ts';

/** The annotation messages of a stream as they come, by server-sent events; ends when the loop over it is left. */
export async function* messagesOf(server: LiveServer, id: string, signal?: AbortSignal): AsyncGenerator<AnnotationMessage> {
  const response = await fetch(`${server.url}/live/${id}/annotations`, { headers: server.headers, ...(signal === undefined ? {} : { signal }) });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (let text = ''; ; ) {
      const { value, done } = await reader.read();
      if (done) return;
      text += value;
      const events = text.split('\n\n');
      text = events.pop()!;
      for (const event of events) {
        const data = /^data: (.*)$/m.exec(event)?.[1];
        if (data !== undefined) yield AnnotationMessage.parse(JSON.parse(data));
      }
    }
  } finally {
    await reader.cancel();
  }
}

/** The annotation messages of a stream from now on, to be looked up by their frames. */
export class MessageBook extends EventEmitter<{ message: [] }> implements AsyncDisposable {
  readonly #known = new Map<number, AnnotationMessage>();
  readonly #abort = new AbortController();
  readonly #reading: Promise<void>;
  #last: number | undefined;

  private constructor(server: LiveServer, stream: string) {
    super();
    // It ends with the server, or with this.
    this.#reading = this.#read(messagesOf(server, stream, this.#abort.signal)).catch(() => undefined);
  }

  static of(server: LiveServer, stream: string): MessageBook {
    return new MessageBook(server, stream);
  }

  /**
   * @param rtp timestamp of the frame
   * @returns undefined where its message had gone before this began
   */
  async about(rtp: number, signal?: AbortSignal): Promise<AnnotationMessage | undefined> {
    for (;;) {
      const message = this.#known.get(rtp);
      if (message !== undefined || (this.#last !== undefined && rtpDistance(this.#last, rtp) > 0)) return message;
      await once(this, 'message', signal === undefined ? {} : { signal });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#reading;
  }

  async #read(messages: AsyncGenerator<AnnotationMessage>): Promise<void> {
    for await (const message of messages) {
      this.#known.set(message.rtp, message);
      this.#last = message.rtp;
      this.emit('message');
    }
  }
}
