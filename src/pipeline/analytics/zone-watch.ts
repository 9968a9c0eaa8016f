import type { ZoneState } from './events.ts';
import { depthIn, type Point } from './geometry.ts';
import type { Zone } from './options.ts';
import { Presence } from './presence.ts';
import type { News, Subject } from './subject.ts';
import { tallyOf } from './tally.ts';

/** Somebody who stands on the border has changed sides after this long on the other one, in ms; a jittering box is back before. */
const SETTLED_MS = 500;
/** Visits at most; a tracker has no more tracks. */
const MAX_VISITS = 1000;

/** Somebody who came in, or went. */
export interface ZoneChange {
  readonly type: 'entered' | 'left';
  readonly subject: Pick<Subject, 'detector' | 'track' | 'label'>;
  /** How long it was inside so far, in ms. */
  readonly dwellMs: number;
  readonly reason: 'moved' | 'lost';
}

interface Visit {
  readonly subject: Pick<Subject, 'detector' | 'track' | 'label'>;
  readonly presence: Presence;
  inside: boolean;
  /** Since when it has been on the other side than `inside` says. */
  otherSince: number | undefined;
  enteredAt: number;
  /** It has stayed for long enough to be told about. */
  told: boolean;
}

/** Who is in one zone. */
export class ZoneWatch {
  readonly zone: Zone;
  readonly #classes: ReadonlySet<string> | undefined;
  readonly #visits = new Map<number, Visit>();
  #polygon: readonly Point[] = [];
  #aspect = 0;

  constructor(zone: Zone) {
    this.zone = zone;
    this.#classes = zone.classes === undefined ? undefined : new Set(zone.classes);
  }

  /** @param aspect width of the picture in its heights */
  take(news: News, aspect: number): ZoneChange[] {
    if (aspect !== this.#aspect) {
      this.#aspect = aspect;
      this.#polygon = this.zone.points.map(([x, y]) => [x * aspect, y]);
    }
    const changes: ZoneChange[] = [];
    const seen = new Set<number>();
    for (const subject of news.subjects) {
      if (this.#classes?.has(subject.label) === false) continue;
      seen.add(subject.track);
      changes.push(...this.#see(subject, news.at));
    }
    for (const [track, visit] of this.#visits) {
      if (seen.has(track)) continue;
      if (news.detectors.has(visit.subject.detector)) visit.presence.miss();
      if (!visit.presence.isGone(news.at)) continue;
      this.#visits.delete(track);
      if (visit.told) changes.push(left(visit, visit.otherSince ?? visit.presence.seenAt, 'lost'));
    }
    return changes;
  }

  /** Who is inside. @param at ms */
  state(at: number): ZoneState {
    const inside = [...this.#visits.values()].filter(({ told }) => told);
    return {
      counts: tallyOf(inside.map(({ subject }) => subject.label)),
      dwell: Object.fromEntries(inside.map(({ subject, enteredAt }) => [String(subject.track), Math.max(0, Math.round(at - enteredAt))])),
    };
  }

  #see(subject: Subject, at: number): ZoneChange[] {
    const depth = depthIn(this.#polygon, subject.anchors[this.zone.anchor ?? 'bottom']);
    const inside = depth >= 0;
    let visit = this.#visits.get(subject.track);
    if (visit === undefined) {
      if (!inside || this.#visits.size >= MAX_VISITS) return [];
      const { detector, track, label } = subject;
      visit = { subject: { detector, track, label }, presence: new Presence(detector, at), inside: false, otherSince: undefined, enteredAt: at, told: false };
      this.#visits.set(track, visit);
    }
    visit.presence.see(at);
    if (inside === visit.inside) visit.otherSince = undefined;
    else {
      visit.otherSince ??= at;
      if (Math.abs(depth) >= subject.margin || at - visit.otherSince >= SETTLED_MS) return this.#change(visit, at);
    }
    if (!visit.inside && !inside) this.#visits.delete(subject.track);
    return this.#tell(visit, at);
  }

  /** It has changed sides. */
  #change(visit: Visit, at: number): ZoneChange[] {
    const since = visit.otherSince ?? at;
    visit.inside = !visit.inside;
    visit.otherSince = undefined;
    if (visit.inside) {
      visit.enteredAt = since;
      return this.#tell(visit, at);
    }
    this.#visits.delete(visit.subject.track);
    return visit.told ? [left(visit, since, 'moved')] : [];
  }

  #tell(visit: Visit, at: number): ZoneChange[] {
    if (visit.told || !visit.inside || at - visit.enteredAt < (this.zone.minDwellMs ?? 0)) return [];
    visit.told = true;
    return [{ type: 'entered', subject: visit.subject, dwellMs: at - visit.enteredAt, reason: 'moved' }];
  }
}

function left({ subject, enteredAt }: Visit, at: number, reason: ZoneChange['reason']): ZoneChange {
  return { type: 'left', subject, dwellMs: Math.max(0, at - enteredAt), reason };
}
