import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
/** Milliseconds in which a server has to be ready, and a stream as wanted, on a machine that does other things too. */
const READY_LIMIT_MS = 120_000;

export interface LiveServerOptions {
  /** Further settings, as environment variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Keep the demo stream `street`, which costs a third of a core; left out, there are no streams. */
  readonly demo?: boolean;
  /** The administrator's token; left out, none is asked for. */
  readonly token?: string;
  /** Runs it by way of a command that ends in it, such as one that puts it on another host, and reaches it at this address. */
  readonly within?: { readonly command: readonly [string, ...string[]]; readonly url: string };
}

/** A whole server as a user starts it: its own process, its own ports and data. */
export class LiveServer implements AsyncDisposable {
  readonly url: string;
  readonly folder: string;
  /** What requests need. */
  readonly headers: Readonly<Record<string, string>>;
  readonly #env: NodeJS.ProcessEnv;
  readonly #command: readonly string[];
  readonly #said = new EventEmitter<{ line: [] }>();
  #process: ChildProcess;
  #log = '';

  private constructor(url: string, folder: string, token: string | undefined, env: NodeJS.ProcessEnv, command: readonly string[]) {
    this.url = url;
    this.folder = folder;
    this.headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    this.#env = env;
    this.#command = [...command, process.execPath, MAIN];
    this.#process = this.#spawn();
  }

  static async start({ env = {}, demo = false, token, within }: LiveServerOptions = {}): Promise<LiveServer> {
    const folder = await mkdtemp(join(tmpdir(), 'framelock-live-'));
    const [http, webrtc] = [await freePort(), await freePort()];
    const settings = {
      ...process.env,
      ...(token === undefined ? {} : { FRAMELOCK_TOKEN: token }),
      FRAMELOCK_HTTP_PORT: String(http),
      FRAMELOCK_WEBRTC_PORT: String(webrtc),
      FRAMELOCK_DATA_DIR: join(folder, 'data'),
      FRAMELOCK_LOG_PRETTY: 'false',
      // Ends with this process, however that comes about.
      FRAMELOCK_LAUNCHER_PID: String(process.pid),
      FRAMELOCK_DETECTION_DOWNLOAD: 'false',
      FRAMELOCK_RTMP_ENABLED: 'false',
      ...env,
    };
    const server = new LiveServer(within?.url ?? `http://127.0.0.1:${http}`, folder, token, settings, within?.command ?? []);
    await server.ready();
    if (!demo) await server.call('DELETE', '/api/streams/street');
    return server;
  }

  /** What the server has logged, for a test that fails. */
  get log(): string {
    return this.#log;
  }

  /** Resolves when the log says this, which it may have done already: what a server logs before it answers may come after the answer. */
  async logs(text: RegExp): Promise<void> {
    const limit = AbortSignal.timeout(READY_LIMIT_MS);
    while (!text.test(this.#log)) {
      await once(this.#said, 'line', { signal: limit }).catch((cause: unknown) => {
        throw new Error(`The server did not log ${String(text)}:\n${this.#log.slice(-4000)}`, { cause });
      });
    }
  }

  get pid(): number {
    return this.#process.pid!;
  }

  /** Ends it without a word, as a crash would, and starts it again on the same ports and data. */
  async crashAndRestart(): Promise<void> {
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
    this.#process = this.#spawn();
    await this.ready();
  }

  /** Resolves when `/readyz` says yes. */
  async ready(): Promise<void> {
    const limit = AbortSignal.timeout(READY_LIMIT_MS);
    for (;;) {
      const answer = await fetch(`${this.url}/readyz`, { signal: limit }).catch(() => undefined);
      if (answer?.ok === true) return;
      if (this.#process.exitCode !== null || this.#process.signalCode !== null || limit.aborted) throw new Error(`The server did not get ready:\n${this.#log.slice(-4000)}`);
      await sleep(50);
    }
  }

  /** @throws Error with the answer's text where it is not a 2xx */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(this.url + path, {
      method,
      headers: { ...this.headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** Resolves when a stream is as wanted; watches its changes instead of a clock. */
  async until<T>(id: string, wanted: (stream: T) => boolean): Promise<T> {
    const limit = AbortSignal.timeout(READY_LIMIT_MS);
    for (;;) {
      const stream = await this.call<T>('GET', `/api/streams/${id}`);
      if (wanted(stream)) return stream;
      if (limit.aborted) throw new Error(`The stream ${id} did not get there: ${JSON.stringify(stream)}\n${this.#log.slice(-3000)}`);
      await sleep(50);
    }
  }

  /** Tells it to end. @returns its exit status, which is 0 where it ended in order; null after a signal */
  async end(): Promise<number | null> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGTERM');
      await once(this.#process, 'exit');
    }
    return this.#process.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    // What it started may end after it, and still write.
    await rm(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  #spawn(): ChildProcess {
    const [program = '', ...args] = this.#command;
    const child = spawn(program, args, { env: this.#env, cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.#log = (this.#log + chunk.toString()).slice(-100_000);
        this.#said.emit('line');
      });
    }
    return child;
  }
}
