import { connect, type Socket } from 'node:net';
import { Backoff } from '../../util/backoff.ts';
import { MessageReader, writeMessage } from './protocol.ts';

/** Milliseconds before the first further attempt, and at most between two. The server is on this machine: nothing is left to chance. */
const WAITS = { first: 50, most: 2000, random: () => 1 };
/** Bytes of the longest payload that comes: answers have none. */
const NO_PAYLOAD = 0;

/** What a {@link ReconnectingSocket} is made from. */
export interface ReconnectingSocketInit {
  /** Path of a unix socket; it need not exist yet. */
  readonly path: string;
  /** There is a connection, with nothing said on it. */
  readonly connected: () => void;
  /** The header of a message. What it throws ends the connection. */
  readonly received: (header: unknown) => void;
  /** A connection, or the attempt to make one, ended by itself; the next attempt is due. With its cause, where there is one. */
  readonly disconnected: (cause: Error | undefined) => void;
}

/**
 * The client's end of the protocol between processes, which connects again, for as long as it lives, when the other side goes away: it
 * waits longer after each attempt, until {@link settled} says that one has led to something.
 *
 * connecting → connected → waiting → connecting …, until closed. Nothing is called back after `close`.
 */
export class ReconnectingSocket {
  readonly #init: ReconnectingSocketInit;
  readonly #backoff = new Backoff(WAITS);
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(init: ReconnectingSocketInit) {
    this.#init = init;
    this.#connect();
  }

  /** The connection is of use: after it the first wait is short again. */
  settled(): void {
    this.#backoff.reset();
  }

  /**
   * Sends one message; only between `connected` and `disconnected`.
   * @param written is called once the payload's memory may be used again, also when the connection broke
   */
  send(header: object, payload?: Buffer, written?: () => void): void {
    writeMessage(this.#socket!, header, payload, written);
  }

  /** Gives up the connection of the moment: its other side is stuck. */
  giveUp(cause: Error): void {
    this.#socket?.destroy(cause);
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  #connect(): void {
    const socket = connect(this.#init.path);
    const reader = new MessageReader(NO_PAYLOAD, (header) => this.#init.received(header));
    let cause: Error | undefined;
    this.#socket = socket;
    socket.once('connect', () => this.#init.connected());
    socket.on('data', (chunk) => {
      try {
        reader.push(chunk);
      } catch (error) {
        socket.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    });
    socket.on('error', (error) => {
      cause = error;
    });
    socket.once('close', () => this.#lost(cause));
  }

  #lost(cause: Error | undefined): void {
    this.#socket = undefined;
    if (this.#closed) return;
    this.#timer = setTimeout(() => this.#connect(), this.#backoff.next());
    this.#init.disconnected(cause);
  }
}
