import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { DetectError, type DetectErrorCode } from './detect-error.ts';
import { ModelFacts, ProbeAnswer, type ProbeQuestion, type ProbeSize } from './model-facts.ts';
import { sha256Of } from './onnx-file.ts';
import { askProcess, type AskedProcessEnd } from './probe-process.ts';
import { readRemembered, remember } from './remembered.ts';
import type { ResolvedModel } from './spec.ts';

export interface ModelProbeOptions {
  /** Folder where what was learnt is kept over restarts; absent: memory only. */
  readonly cacheDir?: string | undefined;
  /** Milliseconds that loading and two runs may take. */
  readonly timeoutMs?: number | undefined;
  /** Bytes of memory that they may take. */
  readonly memoryBytes?: number | undefined;
}

/** The program of the process. */
const ENTRY = join(import.meta.dirname, 'probe-child.ts');
const TIMEOUT_MS = 60_000;
const MEMORY_BYTES = Math.min(4 * 2 ** 30, Math.floor(totalmem() / 2));
/** Goes into the names of cached answers: another number forgets them all. */
const CACHE_VERSION = 1;

/**
 * Looks at model files in a process of its own each, so that a file that crashes or hangs native code, or takes all memory, costs
 * nothing but that process. What was learnt of a file's content is remembered.
 */
export class ModelProbe {
  readonly #options: ModelProbeOptions;
  readonly #known = new Map<string, Promise<Findings>>();

  constructor(options: ModelProbeOptions = {}) {
    this.#options = options;
  }

  /**
   * Loads a file, runs it on a blank picture and says what it is.
   *
   * @param file absolute path
   * @param size of the picture, for inputs that leave it open
   * @throws DetectError where it is no model, or none that can be run here
   */
  facts(file: string, size?: ProbeSize): Promise<Findings> {
    return this.#remember(file, { ask: 'facts', file, size }, size);
  }

  /**
   * Makes sure that a model can be run and that its manifest fits it.
   * @throws DetectError where it can't or doesn't
   */
  check(model: ResolvedModel): Promise<Findings> {
    return this.#remember(model.file, { ask: 'check', model }, model.manifest);
  }

  /** @param asked what the answer depends on, beside the file's content */
  async #remember(file: string, question: ProbeQuestion, asked: unknown): Promise<Findings> {
    const { size, mtimeMs } = await stat(file).catch((cause: unknown) => {
      throw new DetectError('model-missing', `There is no file ${file}`, { cause });
    });
    const key = [question.ask, JSON.stringify(asked), file, size, mtimeMs].join('|');
    const known = this.#known.get(key) ?? this.#look(file, question, asked);
    this.#known.set(key, known);
    // A lack of time may be a lack of idle cores: it is tried again when asked again.
    known.catch((error: unknown) => {
      if (error instanceof DetectError && error.code === 'model-timeout') this.#known.delete(key);
    });
    return known;
  }

  async #look(file: string, question: ProbeQuestion, asked: unknown): Promise<Findings> {
    const sha256 = await sha256Of(file);
    const path = this.#options.cacheDir && join(this.#options.cacheDir, cacheName(question.ask, sha256, asked));
    const cached = path === undefined ? undefined : await readRemembered(path, ModelFacts);
    if (cached !== undefined) return { facts: cached, sha256 };
    const answer = await ask(question, basename(file), this.#options);
    if (answer.type !== 'facts') throw new DetectError('model-invalid', `${basename(file)} gave no answer that can be used`);
    if (path !== undefined) await remember(path, answer.facts);
    return { facts: answer.facts, sha256 };
  }
}

/** What was found out about a file, and its digest. */
export interface Findings {
  readonly facts: ModelFacts;
  readonly sha256: string;
}

function cacheName(kind: string, sha256: string, asked: unknown): string {
  const digest = createHash('sha256').update(`${CACHE_VERSION} ${sha256} ${JSON.stringify(asked)}`).digest('hex');
  return `${kind}-${digest}.json`;
}

/** Finds out, in a process of its own, which execution providers work. The CPU always does. */
export async function probeProviders(providers: readonly string[]): Promise<ProviderFindings> {
  const findings = await Promise.all(providers.map((provider) => probeProvider(provider)));
  const works = findings.flatMap((finding) => finding.works);
  return { works: works.includes('cpu') ? works : [...works, 'cpu'], skipped: findings.flatMap((finding) => finding.skipped) };
}

type ProviderFindings = Omit<Extract<ProbeAnswer, { type: 'providers' }>, 'type'>;

async function probeProvider(provider: string): Promise<ProviderFindings> {
  if (provider === 'cpu') return { works: [provider], skipped: [] };
  try {
    // One process each: a library that crashes must not take other providers along. GPU libraries map more memory than models may.
    const answer = await ask({ ask: 'providers', providers: [provider] }, provider, { memoryBytes: Infinity });
    if (answer.type === 'providers') return answer;
    return { works: [], skipped: [{ provider, reason: 'no answer that can be used' }] };
  } catch (error) {
    return { works: [], skipped: [{ provider, reason: error instanceof Error ? error.message : String(error) }] };
  }
}

/** @throws DetectError with the child's own error, or what became of the child */
async function ask(question: ProbeQuestion, name: string, { timeoutMs = TIMEOUT_MS, memoryBytes = MEMORY_BYTES }: ModelProbeOptions): Promise<ProbeAnswer> {
  const end = await askProcess({ entry: ENTRY, question, timeoutMs, memoryBytes });
  if (end.answer === undefined) throw died(name, end);
  const parsed = ProbeAnswer.parse(end.answer);
  if (parsed.type === 'failed') throw new DetectError(parsed.code as DetectErrorCode, parsed.message);
  return parsed;
}

function died(name: string, { lateMs, how, stderr }: AskedProcessEnd): DetectError {
  if (lateMs !== undefined) return new DetectError('model-timeout', `${name} could not be loaded and run within ${lateMs / 1000} s`);
  if (/bad_alloc|out of memory|Cannot allocate|allocation failed/i.test(stderr)) {
    return new DetectError('model-too-large', `${name} needs more memory than a model may take`);
  }
  return new DetectError('model-crashed', `${name} crashes ONNX Runtime (${how}); it is not used`);
}
