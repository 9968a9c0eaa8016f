/** Where processes of this machine meet. */
export const LOOPBACK = '127.0.0.1';
/** Bytes of socket buffer asked for: an IDR picture comes as a burst. */
export const RECEIVE_BUFFER = 4_194_304;
