import { even, sharedArea, type Rect } from './rect.ts';

/** A plate may cover this share of another one before a better place is looked for: texts keep their margins only. */
const TOLERABLE = 0.1;

/**
 * Where the label of a box stands: above it, inside where there is no room above; elsewhere at the box where it would hide another
 * label.
 *
 * @param size of the plate in pixels, even
 * @param others plates that have their place
 */
export function placePlate(box: Rect, size: { width: number; height: number }, picture: { width: number; height: number }, others: readonly Rect[]): Rect {
  let best: Rect | undefined;
  let leastHidden = Infinity;
  for (const place of places(box, size, picture)) {
    const hidden = others.reduce((sum, other) => sum + sharedArea(place, other), 0);
    if (hidden <= TOLERABLE * size.width * size.height) return place;
    if (hidden >= leastHidden) continue;
    best = place;
    leastHidden = hidden;
  }
  return best!;
}

/** All places at a box, the best first. */
function* places(box: Rect, { width, height }: { width: number; height: number }, picture: { width: number; height: number }): Generator<Rect> {
  const right = Math.max(0, even(picture.width - width));
  const bottom = Math.max(0, even(picture.height - height));
  const [atLeft, atRight] = [Math.min(box.left, right), Math.min(right, Math.max(0, box.right - width))];
  const inside = Math.min(box.top, bottom);
  const tops = [box.top - height, inside, box.bottom].filter((top) => top >= 0 && top <= bottom);
  for (const top of tops) for (const left of [atLeft, atRight]) yield { left, top, right: left + width, bottom: top + height };
}
