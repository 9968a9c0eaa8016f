/** What can go wrong between a viewer and the SFU. */
export type SfuErrorCode =
  /** The broadcast, or the SFU as a whole, is closed. */
  | 'closed'
  /** No worker runs right now; one is being started again. */
  | 'unavailable'
  /** The viewer can decode nothing of what the broadcast is made of. */
  | 'no-common-codec'
  /** There is nothing to hear. */
  | 'no-audio'
  /** The DTLS or ICE parameters don't fit the transport, or come a second time. */
  | 'transport-refused';

/** Why the SFU did not do something. Nothing has changed. */
export class SfuError extends Error {
  readonly code: SfuErrorCode;

  constructor(code: SfuErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SfuError';
    this.code = code;
  }
}
