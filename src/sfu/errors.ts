import { Refusal, type MediaRefusal } from '../util/refusal.ts';

/** Why the SFU refused something. Nothing has changed. */
export class SfuError extends Refusal<MediaRefusal> {
  constructor(code: MediaRefusal, message: string, options?: ErrorOptions) {
    super(code, message, [], options);
    this.name = 'SfuError';
  }
}
