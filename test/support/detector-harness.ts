import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { DetectorEvent, type DetectorOptions } from '../../src/pipeline/detect/detector-events.ts';
import { DetectorLink, InputScaler, type DetectorOutcome, type DetectorState, type ResolvedDetector } from '../../src/pipeline/detect/index.ts';
import type { Picture } from '../../src/pipeline/picture.ts';

const ENTRY = join(import.meta.dirname, '../../src/pipeline/detect/detector-process.ts');

/** A real detector process, its socket in a folder of its own, and links to it; all gone when it is closed. */
export class DetectorHarness {
  readonly folder: string;
  readonly socketPath: string;
  readonly scaler = new InputScaler();
  readonly #links: DetectorLink[] = [];
  #child: ChildProcess | undefined;
  #seq = 0;

  private constructor(folder: string) {
    this.folder = folder;
    this.socketPath = join(folder, 'detector.sock');
  }

  /** For several tests, the last of which closes it. */
  static async open(): Promise<DetectorHarness> {
    return new DetectorHarness(await mkdtemp(join(tmpdir(), 'framelock-detector-')));
  }

  /** For one test, and closed after it. */
  static async create(t: TestContext): Promise<DetectorHarness> {
    const harness = await DetectorHarness.open();
    t.after(() => harness.close());
    return harness;
  }

  /** @returns what it says once it listens */
  async start(options: Partial<DetectorOptions> = {}): Promise<DetectorEvent> {
    const given = { socket: this.socketPath, providers: ['cpu'], ...options };
    this.#child = fork(ENTRY, [JSON.stringify(given)], { execArgv: [], env: { ...process.env, FRAMELOCK_LOG_LEVEL: 'silent' } });
    return this.event(({ type }) => type === 'ready');
  }

  /** The first event from now on that is meant; each is asked about once, also where several come together. */
  event(wanted: (event: DetectorEvent) => boolean): Promise<DetectorEvent> {
    const child = this.#child!;
    const { promise, resolve, reject } = Promise.withResolvers<DetectorEvent>();
    const look = (message: unknown): void => {
      try {
        const event = DetectorEvent.parse(message);
        if (wanted(event)) resolve(event);
      } catch (error) {
        reject(error as Error);
      }
    };
    const end = (code: number | null): void => reject(new Error(`The detector process ended with ${code}`));
    child.on('message', look).once('exit', end);
    return promise.finally(() => child.off('message', look).off('exit', end));
  }

  /** @param how a signal, or a message over its channel */
  async kill(how: NodeJS.Signals | { type: 'stop' } = 'SIGKILL'): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    const child = this.#child!;
    const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    if (typeof how === 'string') child.kill(how);
    else child.send(how);
    const [code, by] = await exit;
    return { code, signal: by };
  }

  get running(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null;
  }

  async file(name: string, content: Buffer): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, content);
    return path;
  }

  link(detector: ResolvedDetector, stream = 'gate'): DetectorLink {
    const link = new DetectorLink({ stream, detector, socketPath: this.socketPath, logger: pino({ level: 'silent' }), scaler: this.scaler });
    this.#links.push(link);
    return link;
  }

  /** Offers a frame that the link must take. */
  async see(link: DetectorLink, picture: Picture): Promise<DetectorOutcome> {
    this.#seq += 1;
    const taken = link.offer({ seq: this.#seq, rtp: 0, capturedAt: this.#seq * 33 }, picture);
    if (taken === undefined) throw new Error(`The detector ${link.name} is ${link.state} and did not take the frame`);
    return taken;
  }

  async close(): Promise<void> {
    for (const link of this.#links) link.close();
    this.scaler.close();
    if (this.running) await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Resolves when the link is in that state, now or later. */
export async function untilState(link: DetectorLink, state: DetectorState): Promise<void> {
  while (link.state !== state) await once(link, 'state');
}
