import { z } from 'zod';

/** Where one variant's RTP goes, and under which identity. */
export const RtpTarget = z.strictObject({
  /** Always a loopback address. RTP and RTCP share the port (RFC 5761). */
  host: z.string(),
  port: z.number().int().min(1).max(65_535),
  /** Port to send from: the receiver knows a sender by it, so that the successor of a process that died must use it too. */
  sourcePort: z.number().int().min(1).max(65_535).optional(),
  ssrc: z.number().int().min(1).max(0xffff_ffff),
  payloadType: z.number().int().min(96).max(127),
  /** Identifiers of the header extensions (RFC 8285). */
  extensions: z.strictObject({
    absCaptureTime: z.number().int().min(1).max(14),
    playoutDelay: z.number().int().min(1).max(14),
  }),
});
export type RtpTarget = z.infer<typeof RtpTarget>;

/** Whether a UDP port can be kept by one process for another to send from (`SO_REUSEPORT`). */
export const SHARES_PORTS = process.platform === 'linux';
