/** Why `detect` or `convert` can't do what was asked, as a message for people. */
export class DetectRunError extends Error {
  override readonly name = 'DetectRunError';
}
