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
  const { width, height } = size;
  const right = Math.max(0, even(picture.width - width));
  const bottom = Math.max(0, even(picture.height - height));
  const lefts = [Math.min(box.left, right), Math.min(right, Math.max(0, box.right - width))];
  let best: Rect | undefined;
  let leastHidden = Infinity;
  for (const top of [box.top - height, Math.min(box.top, bottom), box.bottom]) {
    if (top < 0 || top > bottom) continue;
    for (const left of lefts) {
      const place = { left, top, right: left + width, bottom: top + height };
      const hidden = hiddenBy(place, others);
      if (hidden <= TOLERABLE * width * height) return place;
      if (hidden >= leastHidden) continue;
      best = place;
      leastHidden = hidden;
    }
  }
  return best!;
}

/** Pixels of other plates that a plate would hide, counted once for each of them. */
function hiddenBy(place: Rect, others: readonly Rect[]): number {
  let hidden = 0;
  for (const other of others) hidden += sharedArea(place, other);
  return hidden;
}
