import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { sha256Of } from '../onnx-file.ts';
import { askProcess, type AskedProcessEnd } from '../probe-process.ts';
import { readRemembered, remember } from '../remembered.ts';
import { forbiddenDevices, machineText, vulkanDrivers } from './machine.ts';
import { TrialMessage, Verdict, type Trial } from './verdict.ts';

export interface ProviderTrialsOptions {
  /** Folder where verdicts are kept over restarts; absent: memory only. */
  readonly cacheDir?: string | undefined;
  /** Main module of the process of a trial; left out, the real one. */
  readonly entry?: string | undefined;
  /** Milliseconds until the first result of the provider. */
  readonly firstMs?: number | undefined;
  /** Milliseconds that timing it may take after that. */
  readonly timingMs?: number | undefined;
}

const ENTRY = join(import.meta.dirname, 'trial-child.ts');
/** The first run compiles programs for the GPU; some take seconds. */
const FIRST_MS = 60_000;
/** Ten times what the timed runs may take together, so that only one endless run is cut off. */
const TIMING_MS = 10_000;
/** Goes into the names of kept verdicts: another number forgets them all. */
const CACHE_VERSION = 1;

/**
 * Finds out whether providers are of use for models: in a process of its own each, one after the other, so that they don't slow each other
 * down. What was found out is kept by machine, driver and model.
 */
export class ProviderTrials {
  readonly #options: ProviderTrialsOptions;
  readonly #known = new Map<string, Promise<Verdict>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ProviderTrialsOptions = {}) {
    this.#options = options;
  }

  /** What is known of a provider, or what a trial finds out. Never rejects. */
  judge(trial: Trial): Promise<Verdict> {
    const key = keyOf(trial);
    const known = this.#known.get(key) ?? this.#inTurn(() => this.#lookUp(trial));
    this.#known.set(key, known);
    return known;
  }

  /** A provider that was of use is not, after all: that is known until this process ends. */
  distrust(trial: Trial, reason: string): void {
    this.#known.set(keyOf(trial), Promise.resolve({ is: 'unusable', reason }));
  }

  #inTurn(work: () => Promise<Verdict>): Promise<Verdict> {
    const turn = this.#last.then(work).catch((error: unknown): Verdict => ({ is: 'unusable', reason: error instanceof Error ? error.message : String(error) }));
    this.#last = turn;
    return turn;
  }

  async #lookUp(trial: Trial): Promise<Verdict> {
    if (trial.provider === 'webgpu' && process.platform === 'linux' && vulkanDrivers().length === 0) {
      return { is: 'unusable', reason: 'there is no Vulkan driver on this machine' };
    }
    const path = this.#options.cacheDir && join(this.#options.cacheDir, await cacheName(trial));
    const kept = path === undefined ? undefined : await readRemembered(path, Verdict);
    if (kept !== undefined) return kept;
    const verdict = await this.#try(trial);
    // A lack of time may be a lack of idle cores, and is tried again after a restart.
    if (path !== undefined && verdict.is !== 'late') await remember(path, verdict);
    return verdict;
  }

  async #try(question: Trial): Promise<Verdict> {
    const { entry = ENTRY, firstMs = FIRST_MS, timingMs = TIMING_MS } = this.#options;
    let cpuMs: number | undefined;
    let verdict: Verdict | undefined;
    const hear = (said: unknown): number | undefined => {
      const message = TrialMessage.safeParse(said).data;
      if (message?.type === 'verdict') ({ verdict } = message);
      if (message?.type === 'agrees') ({ cpuMs } = message);
      // It has nothing more to do than to end, which libraries of GPUs do not always manage to.
      return message === undefined ? undefined : message.type === 'verdict' ? 2000 : timingMs;
    };
    const end = await askProcess({ entry, question, timeoutMs: firstMs, memoryBytes: Infinity, hear });
    return withHint(verdict ?? withoutWords(end, cpuMs));
  }
}

/** What stands in the way of most who have a GPU that does not work: rights to its device. */
function withHint(verdict: Verdict): Verdict {
  const forbidden = forbiddenDevices();
  if (verdict.is !== 'unusable' || forbidden.length === 0) return verdict;
  return { ...verdict, reason: `${verdict.reason} (the server’s user may not open ${forbidden.join(', ')})` };
}

/** The verdict on a provider whose trial did not come to one. */
function withoutWords({ lateMs, how, stderr }: AskedProcessEnd, cpuMs: number | undefined): Verdict {
  if (lateMs !== undefined && cpuMs !== undefined) return { is: 'slower', ms: lateMs, cpuMs, cut: true };
  if (lateMs !== undefined) return { is: 'late', reason: `gave no result within ${lateMs / 1000} s` };
  const last = stderr.trim().split('\n').at(-1)?.slice(0, 300);
  return { is: 'unusable', reason: `ended its process (${how})${last ? `: ${last}` : ''}` };
}

function keyOf({ model, provider, threads, evenSlower }: Trial): string {
  return JSON.stringify([model, provider, threads, evenSlower]);
}

async function cacheName({ model, provider, threads, evenSlower }: Trial): Promise<string> {
  const asked = JSON.stringify([CACHE_VERSION, await sha256Of(model.file), model.manifest, provider, threads, evenSlower, machineText()]);
  return `trial-${createHash('sha256').update(asked).digest('hex')}.json`;
}
