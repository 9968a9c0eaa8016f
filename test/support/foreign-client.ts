import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';

/** What a client says in one line. */
const Said = z.discriminatedUnion('event', [
  z.object({ event: z.literal('opened'), location: z.url() }),
  z.object({ event: z.literal('state'), state: z.string() }),
  z.object({ event: z.literal('picture'), width: z.number(), height: z.number(), seq: z.number() }),
  z.object({ event: z.literal('refused'), status: z.number(), code: z.string().nullable() }),
  z.object({ event: z.literal('deleted'), status: z.number() }),
  z.object({ event: z.literal('error'), message: z.string() }),
]);
export type Said = z.infer<typeof Said>;

/** Libraries of others for which there is a client in `interop/`. */
export type ForeignLibrary = 'aiortc' | 'webrtcbin';

export interface ForeignClientOptions {
  readonly codec?: 'H264' | 'VP8';
  readonly token?: string;
}

/** Until it has to have said what is waited for, on a machine that does other things too. */
const LIMIT_MS = 60_000;

/** A WHIP or WHEP client made of somebody else's library, in a process of its own. */
export class ForeignClient extends EventEmitter<{ said: [] }> implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #exit: Promise<unknown>;
  readonly #said: Said[] = [];
  #stderr = '';
  #ended = false;

  constructor(library: ForeignLibrary, role: 'whip' | 'whep', url: string, { codec, token }: ForeignClientOptions = {}) {
    super();
    const script = join(import.meta.dirname, './interop', `${library}_client.py`);
    const args = [...(codec === undefined ? [] : ['--codec', codec]), ...(token === undefined ? [] : ['--token', token])];
    // Debian's own Python: its libraries are packages of Debian.
    this.#child = spawn('/usr/bin/python3', ['-B', script, role, url, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stderr.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()));
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.#said.push(Said.parse(JSON.parse(line)));
      this.emit('said');
    });
    this.#exit = once(this.#child, 'close').then(() => {
      this.#ended = true;
      this.emit('said');
    });
  }

  /** The first that it has said, or will say, that is meant. @throws Error where it ends or time passes before */
  async says<E extends Said['event']>(event: E, meant: (said: Extract<Said, { event: E }>) => boolean = () => true): Promise<Extract<Said, { event: E }>> {
    const signal = AbortSignal.timeout(LIMIT_MS);
    for (let next = 0; ; ) {
      for (; next < this.#said.length; next += 1) {
        const said = this.#said[next] as Extract<Said, { event: E }>;
        if (said.event === event && meant(said)) return said;
      }
      if (this.#ended || signal.aborted) throw new Error(`It ended, or time did, without saying “${event}”: ${JSON.stringify(this.#said.slice(-5))}\n${this.#stderr.slice(-4000)}`);
      await once(this, 'said', { signal }).catch(() => undefined);
    }
  }

  /** Tells it to end its session. @returns the status with which the server took that */
  async end(): Promise<number> {
    this.#child.stdin.end();
    const { status } = await this.says('deleted');
    await this.#exit;
    return status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exit;
  }
}
