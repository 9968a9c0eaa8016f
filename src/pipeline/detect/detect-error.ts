/**
 * Why a model can't be used.
 *
 * - `model-missing`: there is no such file
 * - `model-invalid`: the file is no ONNX model, or ONNX Runtime refuses it
 * - `model-unsupported`: a sound model of a kind that can't be run here
 * - `model-mismatch`: the manifest says something else than the file
 * - `model-crashed`, `model-timeout`: loading it or running it on a blank picture ended or hung its process
 * - `model-too-large`: it needs more memory than a model may
 * - `run-failed`: it failed on a frame
 */
export type DetectErrorCode =
  | 'model-missing'
  | 'model-invalid'
  | 'model-unsupported'
  | 'model-mismatch'
  | 'model-crashed'
  | 'model-timeout'
  | 'model-too-large'
  | 'run-failed';

/** Its message is a sentence for the person who chose the model. */
export class DetectError extends Error {
  override readonly name = 'DetectError';
  readonly code: DetectErrorCode;

  constructor(code: DetectErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
