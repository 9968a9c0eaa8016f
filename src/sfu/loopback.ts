/** The address that processes of this machine use among themselves. */
export const LOOPBACK = '127.0.0.1';
/** Requested socket buffer, in bytes: an IDR frame is a burst. */
export const RECEIVE_BUFFER = 4_194_304;
