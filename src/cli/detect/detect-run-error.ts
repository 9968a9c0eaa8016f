/** What was asked of `detect` or `convert` can't be done, in a sentence that says why. */
export class DetectRunError extends Error {
  override readonly name = 'DetectRunError';
}
