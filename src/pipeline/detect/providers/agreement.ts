import type { SeenObject } from '../read-outputs.ts';

/** The best boxes that are looked for again. */
const MOST = 100;
/** The share of them that must be found: at the end of a model's own choice of boxes, nearly equal ones change places. */
const SHARE = 0.9;
/** How far scores may be apart: an absolute part and one of the score. */
const SCORE = { least: 0.002, share: 0.02 };
/** How far edges may be apart, as a fraction of the picture. */
const EDGE = 0.005;

/**
 * Compares what two providers saw in one picture, with a threshold of zero, so that there is something to compare.
 * @returns undefined where they agree, else a phrase that says how they don't
 */
export function disagreement(expected: readonly SeenObject[], seen: readonly SeenObject[]): string | undefined {
  if (expected.length === 0) return seen.length === 0 ? undefined : `it sees ${seen.length} objects where there are none`;
  const best = expected.slice(0, MOST);
  const found = best.filter((one) => seen.some((other) => same(one, other))).length;
  return found >= SHARE * best.length ? undefined : `it sees ${found} of the best ${best.length} boxes`;
}

function same(a: SeenObject, b: SeenObject): boolean {
  if (a.label !== b.label || !(Math.abs(a.score - b.score) <= SCORE.least + SCORE.share * a.score)) return false;
  const [ax, ay, aw, ah] = a.box;
  const [bx, by, bw, bh] = b.box;
  return [ax - bx, ay - by, ax + aw - bx - bw, ay + ah - by - bh].every((apart) => Math.abs(apart) <= EDGE);
}
