import type { DetectError } from '../pipeline/detect/detect-error.ts';

/**
 * - `model-unknown`: no model has this name
 * - `model-not-downloaded`: known, but its file is not here yet
 * - `model-broken`: its file or manifest can't be used
 * - `model-ambiguous`: its file does not tell everything, and its manifest leaves it out
 * - `model-download`: its file could not be fetched
 */
export type ModelErrorCode = 'model-unknown' | 'model-not-downloaded' | 'model-broken' | 'model-ambiguous' | 'model-download';

/** Its message is a sentence that says what to do. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly code: ModelErrorCode;

  constructor(code: ModelErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A file that the detector process would refuse. */
export function brokenBy(error: DetectError): ModelError {
  return new ModelError('model-broken', error.message, { cause: error });
}
