import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, extname, resolve } from 'node:path';
import { pino } from 'pino';
import { loadConfig } from '../../config/load.ts';
import type { AnnotationMessage } from '../../pipeline/annotation.ts';
import { Composer, type Taken } from '../../pipeline/compose/composer.ts';
import { Pools } from '../../pipeline/detect/external/pools.ts';
import { InputScaler } from '../../pipeline/detect/index.ts';
import { FrameNumberer, type FrameId } from '../../pipeline/frame.ts';
import { MediaInput } from '../../pipeline/source/media-input.ts';
import { StatusLine } from '../status-line.ts';
import { CocoDatasetSink, CocoResultsSink } from './coco.ts';
import { DetectRunError } from './detect-run-error.ts';
import type { FilmDetector } from './film-detector.ts';
import { JsonLinesSink, readMessages } from './json-lines.ts';
import type { MessageSink } from './message-sink.ts';
import { ModelOnFilm } from './model-on-film.ts';
import { MotSink } from './mot.ts';
import { namedDetectors } from './named-detectors.ts';
import { OutsideOnFilm } from './outside-on-film.ts';
import { WorkerListener, type ListenAddress } from './worker-listener.ts';

/** Files to write. */
export interface ConvertOptions {
  readonly out?: string;
  readonly coco?: string;
  readonly cocoResults?: string;
  readonly mot?: string;
}

/** Options of the command line. */
export interface DetectOptions extends ConvertOptions {
  /** Names, or `NAME=ENDPOINT`. */
  readonly detectors: readonly string[];
  /** Address for workers to connect to. */
  readonly listen?: ListenAddress;
  readonly sync: 'exact' | 'interpolate';
  readonly every?: number;
  readonly fps?: number;
  readonly classes?: string[];
  readonly threshold?: number;
  readonly from?: number;
  readonly to?: number;
  readonly threads?: number;
  readonly stream?: string;
}

/** Frames per detector that may be in progress: the one that it processes, and the next ones being decoded. */
const AHEAD = 3;
/** Interval of progress updates, ms. */
const FIGURES_MS = 500;
/** A clock that stands still: files have no deadline. */
const NO_TIME = { now: () => 0, after: () => () => undefined };

/**
 * Runs detectors over a film and writes their results, in the order of its frames. Capture times count from 1970-01-01 00:00 UTC at the film's
 * beginning, so that runs are reproducible.
 * @throws DetectRunError, SourceError, ModelError, DetectError, ConfigError
 */
export async function detect(file: string, options: DetectOptions, configFile: string | undefined): Promise<void> {
  const film = await filmOf(file);
  const { config } = loadConfig({ path: configFile, env: process.env, cwd: process.cwd() });
  const detectors = await namedDetectors(options.detectors, options, config);
  const workers = detectors.flatMap((detector) => ('endpoint' in detector && detector.endpoint.kind === 'worker' ? [detector.name] : []));
  if (workers.length > 0 && options.listen === undefined) throw new DetectRunError(`“${workers[0]}” is done by workers: say where they connect, such as --listen 127.0.0.1:9000.`);
  const sinks = sinksOf(options);
  const line = new StatusLine();
  const scaler = new InputScaler();
  const loaded: FilmDetector[] = [];
  const stream = options.stream ?? streamName(film);
  const run = new Run(stream, options.sync, sinks);
  // Silent: an error ends the run and is reported then.
  const pools = new Pools(pino({ level: 'silent' }));
  let listener: WorkerListener | undefined;
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const startedAt = performance.now();
  const figures = setInterval(() => line.update(basename(film), run.figures(startedAt)), FIGURES_MS);
  try {
    const threads = options.threads ?? availableParallelism();
    for (const detector of detectors) loaded.push('endpoint' in detector ? new OutsideOnFilm(detector, stream, pools, scaler) : await ModelOnFilm.load(detector, scaler, threads));
    if (options.listen !== undefined) listener = await WorkerListener.open(options.listen, workers, pools, config);
    for (const name of workers) process.stderr.write(`“${name}” waits for workers at ${listener!.addressOf(name)}\n`);
    await run.over(film, loaded, options, abort.signal);
  } finally {
    clearInterval(figures);
    process.off('SIGINT', stop).off('SIGTERM', stop);
    for (const detector of loaded) await detector.close();
    listener?.close();
    pools.close();
    scaler.close();
    line.end();
  }
  report(run.figures(startedAt), loaded, abort.signal.aborted);
}

/** Writes stored messages in other formats. @throws DetectRunError */
export async function convert(file: string, options: ConvertOptions): Promise<void> {
  const sinks = sinksOf(options);
  let count = 0;
  for await (const message of readMessages(resolve(file))) {
    for (const sink of sinks) await sink.write(message);
    count += 1;
  }
  for (const sink of sinks) await sink.end();
  process.stderr.write(`${count} messages\n`);
}

/** One pass over a film. */
class Run {
  readonly #stream: string;
  readonly #sinks: readonly MessageSink[];
  readonly #composer: Composer<undefined>;
  readonly #composed: AnnotationMessage[] = [];
  #failure: unknown;
  #frames = 0;
  #mediaMs = 0;

  constructor(stream: string, policy: DetectOptions['sync'], sinks: readonly MessageSink[]) {
    this.#stream = stream;
    this.#sinks = sinks;
    this.#composer = new Composer<undefined>({
      stream: this.#stream,
      policy,
      deadlineMs: Number.MAX_SAFE_INTEGER,
      detectors: [],
      emit: ({ message }) => void this.#composed.push(message),
      discard: () => undefined,
      clock: NO_TIME,
    });
  }

  /** Progress and speed, as text. */
  figures(startedAt: number): string {
    const seconds = (performance.now() - startedAt) / 1000;
    return `${this.#frames} frames · ${(this.#frames / seconds).toFixed(1)} fps · ${(this.#mediaMs / 1000 / seconds).toFixed(1)}× real time`;
  }

  /** @throws the error of the film, a model or a file */
  async over(film: string, detectors: readonly FilmDetector[], { sync, from = 0, to = Infinity }: DetectOptions, signal: AbortSignal): Promise<void> {
    this.#composer.configure({ detectors: detectors.map(({ name, attach }) => ({ name, attach })) });
    const input = await MediaInput.open({ address: film, name: film, protocols: ['file'] }, signal);
    const numberer = new FrameNumberer();
    const busy = new Set<Promise<unknown>>();
    const failed = (error: unknown): void => void (this.#failure ??= error);
    // A result carried forward must not depend on how many later frames happen to be done.
    const most = sync === 'exact' ? 1 : AHEAD * detectors.length;
    let count = 0;
    const place = (mediaMs: number | undefined): FrameId => {
      const seq = count++;
      return { seq, rtp: 0, capturedAt: mediaMs ?? (seq * 1000) / input.fps };
    };
    try {
      for await (const { id: placed, picture } of input.frames(place)) {
        if (picture === undefined) continue;
        const at = placed.capturedAt;
        try {
          if (at >= to * 1000 || signal.aborted) break;
          if (at < from * 1000) continue;
          await untilFree(detectors, signal);
          if (signal.aborted) break;
          const id = numberer.number(at);
          const taken = detectors.map((detector) => detector.offer(id, picture, failed)).filter((one): one is Taken => one !== undefined);
          const { width, height } = picture;
          this.#composer.push({ id, width, height, payload: undefined, taken });
          for (const { outcome } of taken) {
            busy.add(outcome);
            void outcome.finally(() => busy.delete(outcome));
          }
          this.#frames += 1;
          this.#mediaMs = at - from * 1000;
        } finally {
          picture.release();
        }
        while (busy.size >= most) await Promise.race(busy);
        await this.#write();
        if (this.#failure !== undefined) break;
      }
      await Promise.all(busy);
      // Frames that wait for a later result will not get one.
      this.#composer.configure({ policy: 'exact' });
      await this.#write();
      for (const sink of this.#sinks) await sink.end();
    } finally {
      await input.close();
      this.#composer.close();
    }
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#frames === 0 && !signal.aborted) throw new DetectRunError(`${film} has no frame that can be decoded${from > 0 || to < Infinity ? ' in that part' : ''}.`);
  }

  async #write(): Promise<void> {
    for (const message of this.#composed.splice(0)) {
      for (const sink of this.#sinks) await sink.write(message);
    }
  }
}

/** Resolves when all detectors are free, or when the signal is aborted. */
async function untilFree(detectors: readonly FilmDetector[], signal: AbortSignal): Promise<void> {
  for (;;) {
    const busy = detectors.find(({ free }) => !free);
    if (busy === undefined || signal.aborted) return;
    await busy.untilFree(signal);
  }
}

/** @throws DetectRunError */
async function filmOf(file: string): Promise<string> {
  const path = resolve(file);
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw new DetectRunError(`${path} can’t be read: ${cause.code === 'ENOENT' ? 'there is no such file' : cause.message}.`, { cause });
  });
  if (!found.isFile()) throw new DetectRunError(`${path} is no file.`);
  return path;
}

function sinksOf({ out, coco, cocoResults, mot }: ConvertOptions): MessageSink[] {
  const none = [out, coco, cocoResults, mot].every((path) => path === undefined);
  const messages = out ?? (none ? '-' : undefined);
  return [
    ...(messages === undefined ? [] : [new JsonLinesSink(messages)]),
    ...(coco === undefined ? [] : [new CocoDatasetSink(coco)]),
    ...(cocoResults === undefined ? [] : [new CocoResultsSink(cocoResults)]),
    ...(mot === undefined ? [] : [new MotSink(mot)]),
  ];
}

/** Derives a stream id from a file name. */
function streamName(path: string): string {
  const id = basename(path, extname(path))
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
  return id === '' ? 'film' : id;
}

function report(figures: string, detectors: readonly FilmDetector[], interrupted: boolean): void {
  const lines = detectors.map(({ name, seen: { frames, objects, busyMs } }) => {
    return `${name}: ${objects} objects on ${frames} frames${frames === 0 ? '' : `, ${(busyMs / frames).toFixed(1)} ms a frame`}`;
  });
  process.stderr.write(`${[`${figures}${interrupted ? ' · interrupted' : ''}`, ...lines].join('\n')}\n`);
}
