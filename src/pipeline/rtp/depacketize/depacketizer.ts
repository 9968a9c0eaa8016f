/** One frame as a decoder takes it. */
export interface CodedFrame {
  readonly data: Buffer;
  /** A decoder can begin with it. */
  readonly key: boolean;
}

/** Puts the payloads of one frame's packets together; they come in order, and none is missing. */
export interface Depacketizer {
  /** Adds a payload to the frame; what can't be understood spoils it. */
  push(payload: Buffer): void;
  /** Ends the frame and begins the next. Undefined where there is nothing whole. */
  take(): CodedFrame | undefined;
}
