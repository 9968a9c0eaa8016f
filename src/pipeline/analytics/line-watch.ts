import type { Direction } from './events.ts';
import { turn, type Point } from './geometry.ts';
import type { Line } from './options.ts';
import { Presence } from './presence.ts';
import type { News, Subject } from './subject.ts';

/** Tracks followed at most; a tracker has no more. */
const MAX_TRACKS = 1000;

/** Somebody who went across. */
export interface Crossing {
  readonly subject: Pick<Subject, 'detector' | 'track' | 'label'>;
  readonly direction: Direction;
}

/** Where a track stands to a line; distances above zero are to the right, in heights of the picture. */
interface Path {
  readonly presence: Presence;
  /** The last side that it was clearly on; zero before the first. */
  side: number;
  /** Of the last place that was not on the line itself. */
  sign: number;
  /** Where it was last. */
  point: Point;
  distance: number;
  /** Whether it last changed sides between the line's ends, and not around them. */
  between: boolean;
}

/** Who crosses one line. A crossing counts when the other side is reached clearly, so that one who hesitates upon the line counts once or not at all. */
export class LineWatch {
  readonly line: Line;
  readonly #classes: ReadonlySet<string> | undefined;
  readonly #paths = new Map<number, Path>();
  #from: Point = [0, 0];
  #to: Point = [0, 0];
  #aspect = 0;

  constructor(line: Line) {
    this.line = line;
    this.#classes = line.classes === undefined ? undefined : new Set(line.classes);
  }

  /** @param aspect width of the picture in its heights */
  take(news: News, aspect: number): Crossing[] {
    if (aspect !== this.#aspect) {
      this.#aspect = aspect;
      const { from, to } = this.line;
      this.#from = [from[0] * aspect, from[1]];
      this.#to = [to[0] * aspect, to[1]];
      this.#paths.clear();
    }
    const crossings: Crossing[] = [];
    const seen = new Set<number>();
    for (const subject of news.subjects) {
      if (this.#classes?.has(subject.label) === false) continue;
      seen.add(subject.track);
      const direction = this.#see(subject, news.at);
      if (direction !== undefined) crossings.push({ subject, direction });
    }
    for (const [track, { presence }] of this.#paths) {
      if (seen.has(track)) continue;
      if (news.detectors.has(presence.detector)) presence.miss();
      if (presence.isGone(news.at)) this.#paths.delete(track);
    }
    return crossings;
  }

  #see(subject: Subject, at: number): Direction | undefined {
    const point = subject.anchors[this.line.anchor ?? 'bottom'];
    const distance = turn(this.#from, this.#to, point) / Math.hypot(this.#to[0] - this.#from[0], this.#to[1] - this.#from[1]);
    const clear = Math.abs(distance) >= subject.margin ? Math.sign(distance) : 0;
    const path = this.#paths.get(subject.track);
    if (path === undefined) {
      if (this.#paths.size >= MAX_TRACKS) return undefined;
      this.#paths.set(subject.track, { presence: new Presence(subject.detector, at), side: clear, sign: Math.sign(distance), point, distance, between: false });
      return undefined;
    }
    path.presence.see(at);
    const sign = Math.sign(distance);
    if (sign !== 0) {
      if (path.sign !== 0 && sign !== path.sign) path.between = this.#isBetween(path, point, distance);
      path.sign = sign;
    }
    path.point = point;
    path.distance = distance;
    if (clear === 0 || clear === path.side) return undefined;
    const crossed = path.side !== 0 && path.between;
    path.side = clear;
    if (!crossed) return undefined;
    return clear > 0 ? 'in' : 'out';
  }

  /** Whether a step meets the line between its ends, these included. */
  #isBetween({ point, distance }: Path, to: Point, toDistance: number): boolean {
    const share = distance / (distance - toDistance);
    const meeting: Point = [point[0] + (to[0] - point[0]) * share, point[1] + (to[1] - point[1]) * share];
    const [dx, dy] = [this.#to[0] - this.#from[0], this.#to[1] - this.#from[1]];
    const along = ((meeting[0] - this.#from[0]) * dx + (meeting[1] - this.#from[1]) * dy) / (dx * dx + dy * dy);
    return along >= 0 && along <= 1;
  }
}
