import type { DetectError } from '../pipeline/detect/detect-error.ts';

/**
 * - `model-unknown`: no model has this name
 * - `model-not-downloaded`: known, but its file is not downloaded
 * - `model-broken`: its file or manifest can't be used
 * - `model-ambiguous`: a setting is in neither its file nor its manifest
 * - `model-download`: its file could not be fetched
 */
export type ModelErrorCode = 'model-unknown' | 'model-not-downloaded' | 'model-broken' | 'model-ambiguous' | 'model-download';

/** Why a model can't be used; the message says what to do. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly code: ModelErrorCode;

  constructor(code: ModelErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The error for a file that the detector process would refuse. */
export function brokenBy(error: DetectError): ModelError {
  return new ModelError('model-broken', error.message, { cause: error });
}
