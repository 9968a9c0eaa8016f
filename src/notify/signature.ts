import { createHmac } from 'node:crypto';

/** Name of the header that a signature stands in. */
export const SIGNATURE_HEADER = 'Framelock-Signature';

/**
 * Says who sent a body and when: `t=SECONDS,v1=HEX`, HMAC-SHA256 with the secret over the seconds since the epoch, a full stop and
 * the body. The time is part of it so that an old post can't be sent again by somebody else.
 */
export function signatureOf(secret: string, body: string, time: number): string {
  const seconds = Math.floor(time / 1000);
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}
