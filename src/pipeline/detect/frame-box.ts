import type { Box } from '../annotation.ts';

/** A box of a part of the frame as a box of the frame. */
export function frameBox([x, y, width, height]: Box, [left, top, w, h]: Box): Box {
  return [left + x * w, top + y * h, width * w, height * h];
}
