import { createHmac } from 'node:crypto';

/** Name of the signature's header. */
export const SIGNATURE_HEADER = 'Framelock-Signature';

/**
 * Signs a body: `t=SECONDS,v1=HEX`, HMAC-SHA256 with the secret over the seconds since the epoch, a full stop and the body. The time is
 * signed to prevent replays.
 */
export function signatureOf(secret: string, body: string, time: number): string {
  const seconds = Math.floor(time / 1000);
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}
