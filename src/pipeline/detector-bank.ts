import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { Joined, Taken } from './compose/composer.ts';
import { DetectorLink, ExternalLink, InputScaler, type StreamDetector } from './detect/index.ts';
import type { FrameId } from './frame.ts';
import type { DetectorStats } from './ipc/stats.ts';
import type { Picture } from './picture.ts';

/** The detectors of one stream; changed while frames pass. */
export class DetectorBank {
  readonly #stream: string;
  readonly #socketPath: string;
  readonly #logger: Logger;
  readonly #scaler = new InputScaler();
  readonly #links = new Map<string, { detector: StreamDetector; link: DetectorLink | ExternalLink }>();

  constructor(options: { stream: string; socketPath: string; logger: Logger }) {
    this.#stream = options.stream;
    this.#socketPath = options.socketPath;
    this.#logger = options.logger;
  }

  /** Makes the running detectors be these: what is unchanged goes on undisturbed, and so does one that only does its work otherwise. */
  configure(detectors: readonly StreamDetector[]): void {
    const wanted = new Map(detectors.map((detector) => [detector.name, detector]));
    for (const [name, { detector: before, link }] of this.#links) {
      const detector = wanted.get(name);
      if (detector !== undefined && sameKind(before, detector)) {
        if (!isDeepStrictEqual(before, detector)) link.configure(detector);
        this.#links.set(name, { detector, link });
      } else {
        link.close();
        this.#links.delete(name);
      }
    }
    for (const [name, detector] of wanted) {
      if (this.#links.has(name)) continue;
      this.#links.set(name, { detector, link: this.#link(detector) });
    }
  }

  /**
   * The detectors, as their results are joined.
   * @param hidden labels that must not be seen: what finds them is never skipped
   */
  joined(hidden: readonly string[]): Joined[] {
    const watchers = this.seeing(hidden);
    return [...this.#links.values()].map(({ detector }): Joined => {
      const { name, late, attach } = detector;
      return { name, labels: labelsOf(detector), attach, late: late === 'skip' && watchers.includes(name) ? 'carry' : late };
    });
  }

  /** Every label that these detectors are known to give. */
  get labels(): string[] {
    return [...new Set([...this.#links.values()].flatMap(({ detector }) => labelsOf(detector) ?? []))];
  }

  /** Names of those that can see any of these labels, or of which that is not known. */
  seeing(labels: readonly string[]): string[] {
    if (labels.length === 0) return [];
    const sees = (detector: StreamDetector): boolean => labelsOf(detector)?.some((label) => labels.includes(label)) ?? true;
    return [...this.#links.values()].flatMap(({ detector }) => (sees(detector) ? [detector.name] : []));
  }

  /** Offers a frame to all; those that are free take it. The picture may be drawn upon when this returns. */
  offer(id: FrameId, picture: Picture): Taken[] {
    const taken: Taken[] = [];
    for (const [detector, { link }] of this.#links) {
      const outcome = link.offer(id, picture);
      if (outcome !== undefined) taken.push({ detector, outcome });
    }
    return taken;
  }

  stats(ages: Readonly<Record<string, { age: number }>>): Record<string, DetectorStats> {
    return Object.fromEntries(
      [...this.#links].map(([name, { link }]) => {
        const age = ages[name]?.age;
        return [name, { ...link.stats(), ...(age === undefined ? {} : { age }) }];
      }),
    );
  }

  close(): void {
    for (const { link } of this.#links.values()) link.close();
    this.#links.clear();
    this.#scaler.close();
  }

  #link(detector: StreamDetector): DetectorLink | ExternalLink {
    const common = { stream: this.#stream, logger: this.#logger.child({ detector: detector.name }), scaler: this.#scaler };
    if ('external' in detector) return new ExternalLink({ ...common, detector });
    return new DetectorLink({ ...common, detector, socketPath: this.#socketPath });
  }
}

/** What a detector can see; undefined where only the algorithm itself knows. */
function labelsOf(detector: StreamDetector): readonly string[] | undefined {
  return detector.classes ?? ('model' in detector ? detector.model.manifest.labels : undefined);
}

/** Whether it is the same model or endpoint, of which only something else is asked. */
function sameKind(before: StreamDetector, after: StreamDetector): boolean {
  if ('external' in before) return 'external' in after && isDeepStrictEqual(before.external, after.external);
  return 'model' in after && isDeepStrictEqual(before.model, after.model);
}
