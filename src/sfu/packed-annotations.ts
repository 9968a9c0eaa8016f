import { deflateRawSync } from 'node:zlib';
import type { AnnotationMessage } from '../pipeline/annotation.ts';

/** Bytes of payload that fit into one packet beside the headers of SCTP, DTLS, UDP and IPv6, at an MTU of 1280 bytes (RFC 8831 §5). */
const PACKET_BYTES = 1130;
/** Steps to which coordinates and scores are rounded: of 1280 pixels, an eighth of a pixel. */
const STEPS = { box: 10_000, score: 1000 } as const;

/**
 * Packs one stream's annotation messages so that each fits into one packet where it can, together with the one before it.
 *
 * mediasoup 3.27 never retransmits on a partially reliable channel, and a message of three packets is lost with any one of them. As text,
 * thirty messages a second are more than SCTP's congestion control lets through at 5 % loss or 200 ms of round trip. What is lost with one
 * packet is repeated in the next (as RFC 2198 does for audio).
 */
export class AnnotationPacker {
  #before: string | undefined;

  /** @returns raw DEFLATE (RFC 1951) of a JSON array: the message, and the one before it where there is room */
  pack(message: AnnotationMessage): Buffer {
    const text = JSON.stringify(message, coarse);
    const before = this.#before;
    this.#before = text;
    const both = before === undefined ? undefined : deflateRawSync(`[${text},${before}]`);
    return both !== undefined && both.length <= PACKET_BYTES ? both : deflateRawSync(`[${text}]`);
  }
}

/** Rounds numbers: most of their digits are noise that can't be seen, and would not compress. */
function coarse(key: string, value: unknown): unknown {
  if (key === 'box') return (value as readonly number[]).map((edge) => Math.round(edge * STEPS.box) / STEPS.box);
  return key === 'score' ? Math.round((value as number) * STEPS.score) / STEPS.score : value;
}
