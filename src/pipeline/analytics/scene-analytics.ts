import { isDeepStrictEqual } from 'node:util';
import type { AnnotationMessage } from '../annotation.ts';
import type { Direction, LineState, SceneEvent } from './events.ts';
import { LineWatch } from './line-watch.ts';
import type { Line, Zone } from './options.ts';
import { NewResults, type Subject } from './subject.ts';
import { Counter } from './tally.ts';
import { ZoneWatch } from './zone-watch.ts';

/** Lines whose counts are remembered, with those that are no longer drawn. */
const MAX_COUNTED = 64;

/** What a stream's zones and lines are, and what its lines have counted before. */
export interface SceneSetup {
  readonly zones: readonly Zone[];
  readonly lines: readonly Line[];
  readonly totals?: Readonly<Record<string, LineState>>;
}

/** What a frame's message says with zones and lines, and what happened on it. */
export interface SceneNews {
  readonly message: AnnotationMessage;
  readonly events: readonly SceneEvent[];
}

/**
 * What tracks do in zones and on lines. It looks at what a detector newly says only: what is carried on, moved or shown again tells
 * nothing, and a slate tells nothing either.
 */
export class SceneAnalytics {
  readonly #results = new NewResults();
  readonly #totals = new Map<string, Record<Direction, Counter>>();
  #zones: ZoneWatch[] = [];
  #lines: LineWatch[] = [];
  /** Width of the source's pictures in their heights; a slate may have another. */
  #aspect = 16 / 9;

  constructor({ zones, lines, totals = {} }: SceneSetup) {
    for (const [line, counted] of Object.entries(totals)) this.#totals.set(line, { in: new Counter(counted.in), out: new Counter(counted.out) });
    this.configure({ zones, lines });
  }

  /** Takes other zones and lines; those that stay the same know who is in them. */
  configure({ zones, lines }: Pick<SceneSetup, 'zones' | 'lines'>): void {
    this.#zones = zones.map((zone) => this.#zones.find((watch) => isDeepStrictEqual(watch.zone, zone)) ?? new ZoneWatch(zone));
    this.#lines = lines.map((line) => this.#lines.find((watch) => isDeepStrictEqual(watch.line, line)) ?? new LineWatch(line));
  }

  /** Lines count from zero. */
  reset(): void {
    this.#totals.clear();
  }

  /** Takes messages in the order of their frames. */
  take(message: AnnotationMessage): SceneNews {
    if (this.#zones.length === 0 && this.#lines.length === 0) return { message, events: [] };
    const { stream, seq, rtp, capturedAt } = message;
    if (message.slate !== true) this.#aspect = message.width / message.height;
    const news = this.#results.take(message);
    const about = ({ detector, track, label }: Pick<Subject, 'detector' | 'track' | 'label'>) => ({
      ...{ stream, seq, rtp, capturedAt },
      ...{ age: message.detectors[detector]?.age ?? 0, detector, track, label },
    });
    const events: SceneEvent[] = [];
    for (const watch of this.#zones) {
      for (const { type, subject, dwellMs, reason } of watch.take(news, this.#aspect)) {
        if (type === 'entered') events.push({ type: 'zone.entered', ...about(subject), zone: watch.zone.name });
        else events.push({ type: 'zone.left', ...about(subject), zone: watch.zone.name, dwellMs: Math.round(dwellMs), reason });
      }
    }
    for (const watch of this.#lines) {
      for (const { subject, direction } of watch.take(news, this.#aspect)) {
        this.#counters(watch.line.name)[direction].add(subject.label);
        events.push({ type: 'line.crossed', ...about(subject), line: watch.line.name, direction });
      }
    }
    return { message: { ...message, ...this.#state(capturedAt) }, events };
  }

  #state(at: number): Pick<AnnotationMessage, 'zones' | 'lines'> {
    const zones = this.#zones.map((watch) => [watch.zone.name, watch.state(at)] as const);
    const lines = this.#lines.map(({ line: { name } }) => {
      const counted = this.#totals.get(name);
      return [name, { in: counted?.in.tally ?? {}, out: counted?.out.tally ?? {} }] as const;
    });
    return {
      ...(zones.length === 0 ? {} : { zones: Object.fromEntries(zones) }),
      ...(lines.length === 0 ? {} : { lines: Object.fromEntries(lines) }),
    };
  }

  #counters(line: string): Record<Direction, Counter> {
    let counters = this.#totals.get(line);
    if (counters === undefined) {
      counters = { in: new Counter(), out: new Counter() };
      this.#totals.set(line, counters);
      const stale = [...this.#totals.keys()].find((name) => !this.#lines.some((watch) => watch.line.name === name));
      if (this.#totals.size > MAX_COUNTED && stale !== undefined) this.#totals.delete(stale);
    }
    return counters;
  }
}
