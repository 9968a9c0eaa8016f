/** The subprotocol of a data channel that carries packed annotations (docs/signaling.md). */
export const PACKED_PROTOCOL = 'framelock.packed';
