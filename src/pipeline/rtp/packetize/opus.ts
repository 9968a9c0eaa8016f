import type { Payloader } from './payloader.ts';

/** Opus (RFC 7587 §4.2): one Opus packet is one payload. */
export class OpusPayloader implements Payloader {
  payloads(packets: readonly Buffer[]): Buffer[] {
    return [...packets];
  }
}
