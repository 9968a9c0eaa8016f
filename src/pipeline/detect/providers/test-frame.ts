import type { InputSpec } from '../manifest.ts';
import type { InputFrame } from '../model-runner.ts';

/** Bytes in a row that have one value. */
const RUN = 48;

/** A picture of short stripes that is the same each time: enough for a model to see something everywhere. */
export function testFrame({ width, height }: Pick<InputSpec, 'width' | 'height'>): InputFrame {
  const picture = new Uint8Array(width * height * 3);
  // A linear congruential generator with the constants of Numerical Recipes.
  let state = 1;
  for (let at = 0; at < picture.length; at += RUN) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    picture.fill(state >>> 24, at, at + RUN);
  }
  return { picture, content: [0, 0, width, height] };
}
