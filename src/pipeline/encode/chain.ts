import { fork } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { EncoderName } from './options.ts';
import { ENCODERS } from './encoders.ts';

/** Milliseconds that a test encode may take; a driver may hang. */
const PROBE_LIMIT_MS = 10_000;
/** Milliseconds until one that took longer is tried again. */
const AGAIN_MS = 300_000;
/** Characters kept of what a test encode complains about. */
const REASON_LENGTH = 1000;

/** What a test encode has shown; `late`: nothing, because it took too long. */
type Verdict = 'works' | 'fails' | 'late';

/**
 * Finds out which encoders work here. What is found is kept for the life of this process, only not that one took too long: the machine
 * may have had too much to do, as when all of its streams start at once, so that it is tried again now and then.
 */
export class EncoderProbes {
  readonly #test: (name: EncoderName, logger: Logger) => Promise<Verdict>;
  readonly #againMs: number;
  readonly #verdicts = new Map<EncoderName, Promise<Verdict>>();

  /** @param againMs milliseconds after which one that took too long is tried again; nobody waits for that */
  constructor(test: (name: EncoderName, logger: Logger) => Promise<Verdict>, againMs = AGAIN_MS) {
    this.#test = test;
    this.#againMs = againMs;
  }

  /** The encoders of a chain that work, in its order. */
  async working(chain: readonly EncoderName[], logger: Logger): Promise<EncoderName[]> {
    const verdicts = await Promise.all(chain.map((name) => this.#verdictOf(name, logger)));
    return chain.filter((_, i) => verdicts[i] === 'works');
  }

  #verdictOf(name: EncoderName, logger: Logger): Promise<Verdict> {
    const known = this.#verdicts.get(name);
    if (known !== undefined) return known;
    const verdict = this.#try(name, logger);
    this.#verdicts.set(name, verdict);
    return verdict;
  }

  async #try(name: EncoderName, logger: Logger): Promise<Verdict> {
    const verdict = await this.#test(name, logger);
    if (verdict === 'late') setTimeout(() => void this.#tryAgain(name, logger), this.#againMs).unref();
    return verdict;
  }

  async #tryAgain(name: EncoderName, logger: Logger): Promise<void> {
    const verdict = await this.#try(name, logger);
    this.#verdicts.set(name, Promise.resolve(verdict));
  }
}

const here = new EncoderProbes(testEncode);

/**
 * The encoders of a chain that work here, in its order. An encoder that libav lists may still fail to open, so that hardware
 * encoders make a few frames in a process of their own, which a driver may crash or hang without harm. Without a device there is no
 * test. x264 has nothing that could be missing, and stays in.
 */
export function workingEncoders(chain: readonly EncoderName[], logger: Logger): Promise<EncoderName[]> {
  return here.working(chain, logger);
}

async function testEncode(name: EncoderName, logger: Logger): Promise<Verdict> {
  const { devices } = ENCODERS[name];
  if (devices === undefined) return 'works';
  if (process.platform === 'linux' && !deviceFiles().some((path) => devices.test(path))) {
    logger.debug({ encoder: name }, `${name} is not tried: there is no device for it`);
    return 'fails';
  }
  const startedAt = performance.now();
  const { code, signal, reason } = await runProbe(name);
  const verdict = code === 0 ? 'works' : performance.now() - startedAt < PROBE_LIMIT_MS ? 'fails' : 'late';
  if (verdict === 'works') logger.info({ encoder: name }, `${name} works`);
  else logger.info({ encoder: name, code, signal, reason }, verdict === 'late' ? `${name} took too long in a test` : `${name} was tried and does not work here`);
  return verdict;
}

function deviceFiles(): string[] {
  return ['/dev', '/dev/dri'].flatMap((folder) => {
    try {
      return readdirSync(folder).map((file) => `${folder}/${file}`);
    } catch {
      // No such folder: no such devices.
      return [];
    }
  });
}

interface ProbeResult {
  readonly code: number | null;
  readonly signal: string | null;
  /** The end of what the drivers and libav said. */
  readonly reason: string;
}

function runProbe(name: EncoderName): Promise<ProbeResult> {
  const child = fork(join(import.meta.dirname, 'probe-child.ts'), [name], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
    timeout: PROBE_LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  let reason = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    reason = (reason + text).slice(-REASON_LENGTH);
  });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, reason: error.message }));
    child.once('close', (code, signal) => resolve({ code, signal, reason }));
  });
}
