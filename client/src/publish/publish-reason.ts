import { WhipRefusal, WhipUnreachable } from './whip-client.ts';

/**
 * Why nothing is published, or not any more.
 *
 * Of the capture:
 * - `insecure`: browsers give cameras to pages over HTTPS and from this machine only
 * - `denied`: a person, the system or the page's policy does not allow it
 * - `no-device`: there is none, or the chosen one is gone
 * - `in-use`: another program has it
 * - `no-screen`: this browser can't share screens
 * - `cancelled`: no screen was chosen
 * - `device-lost`: it was there and is gone; waited for
 * - `capture-failed`: anything else
 *
 * Of the way to the server:
 * - `unreachable`: no answer
 * - `disconnected`: media flowed, and broke off
 * - `no-connection`: the server agreed, but no media gets through
 * - `replaced`: somebody else publishes under this name now
 * - `unauthorized`, `taken`, `no-endpoint`, `no-codec`, `refused`: the server's no, 401/403, 409, 404, 406, others
 * - `busy`: the server's no for now
 * - `unsupported`: this browser has no WebRTC
 */
export type PublishReasonCode =
  | 'insecure'
  | 'denied'
  | 'no-device'
  | 'in-use'
  | 'no-screen'
  | 'cancelled'
  | 'device-lost'
  | 'capture-failed'
  | 'unreachable'
  | 'disconnected'
  | 'no-connection'
  | 'replaced'
  | 'unauthorized'
  | 'taken'
  | 'no-endpoint'
  | 'no-codec'
  | 'refused'
  | 'busy'
  | 'unsupported';

export interface PublishReason {
  readonly code: PublishReasonCode;
  /** The words of whoever said no, in English. */
  readonly detail?: string;
}

/** What an error of `getUserMedia` or `getDisplayMedia` means (Media Capture and Streams §10.2). */
export function captureReason(error: unknown, kind: 'camera' | 'screen' | 'microphone'): PublishReason {
  const { name = '', message = '' } = error instanceof Error ? error : {};
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      // Whoever closes the browser's list of screens has not denied anything, which browsers do not tell apart.
      return { code: kind === 'screen' ? 'cancelled' : 'denied' };
    case 'NotFoundError':
    case 'OverconstrainedError':
      return { code: 'no-device' };
    case 'NotReadableError':
    case 'AbortError':
      return { code: 'in-use' };
    default:
      return { code: 'capture-failed', ...(message === '' ? {} : { detail: message }) };
  }
}

/** What a failed attempt to publish means. */
export function attemptReason(error: unknown): PublishReason {
  if (error instanceof WhipRefusal) return { code: refusalCode(error.status), detail: error.message };
  if (error instanceof WhipUnreachable) return { code: 'unreachable' };
  return { code: 'refused', detail: error instanceof Error && error.message !== '' ? error.message : String(error) };
}

function refusalCode(status: number): PublishReasonCode {
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 404 || status === 405 || status === 410) return 'no-endpoint';
  if (status === 406) return 'no-codec';
  if (status === 409) return 'taken';
  return status === 408 || status === 425 || status === 429 || status >= 500 ? 'busy' : 'refused';
}

/** What passes by itself, so that trying again is worth it. */
const PASSING: readonly PublishReasonCode[] = ['unreachable', 'disconnected', 'no-connection', 'busy'];
/** What passes where it went well before: a server that starts knows no streams yet, and one that missed the end still holds the old session. */
const PASSING_AGAIN: readonly PublishReasonCode[] = ['taken', 'no-endpoint'];

/** @param published whether it went well before */
export function mayPass({ code }: PublishReason, published: boolean): boolean {
  return PASSING.includes(code) || (published && PASSING_AGAIN.includes(code));
}
