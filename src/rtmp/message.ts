/** Types of messages (RTMP Specification 1.0 §5.4, §6.2, §7.1). */
export const MESSAGE = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowAcknowledgementSize: 5,
  setPeerBandwidth: 6,
  audio: 8,
  video: 9,
  dataAmf3: 15,
  commandAmf3: 17,
  data: 18,
  command: 20,
} as const;

/** Initial chunk size in bytes (RTMP Specification 1.0 §5.4.1). */
export const FIRST_CHUNK_SIZE = 128;

/** One complete message. */
export interface RtmpMessage {
  readonly type: number;
  /** The message stream that it belongs to; 0 is for control. */
  readonly streamId: number;
  /** Milliseconds on the peer’s clock, uint32. */
  readonly timestamp: number;
  readonly payload: Buffer;
}
