/** One coded packet of sound: what every sink of the sound takes. */
export interface AudioPacket {
  readonly codec: 'opus';
  /** When its first sample was captured: milliseconds since the epoch. */
  readonly capturedAt: number;
  readonly data: Buffer;
}
