const SIGNALING_PATH = '/signaling';

/** Where a player finds its stream, and a publisher takes it. */
export interface LiveAddress {
  readonly stream: string;
  /** Of the signalling WebSocket. */
  readonly signaling: string;
  /** Of the stream in the HTTP API. */
  readonly api: string;
  /** Where the stream is published to (WHIP, RFC 9725); without the token, which is sent in a header. */
  readonly whip: string;
}

/**
 * Takes the `src` of a player or publisher apart: `/live/ID`, relative to the page or absolute.
 * @returns undefined where it names no stream
 */
export function liveAddress(src: string, base: string, token?: string): LiveAddress | undefined {
  const url = URL.canParse(src, base) ? new URL(src, base) : undefined;
  const stream = url === undefined ? undefined : /^\/live\/([^/]+)\/?$/.exec(url.pathname)?.[1];
  if (url === undefined || stream === undefined) return undefined;
  // No header can be sent with a WebSocket (RFC 6750 §2.3).
  const query = token === undefined || token === '' ? '' : `?${new URLSearchParams({ access_token: token }).toString()}`;
  return {
    stream,
    signaling: `${url.protocol === 'https:' ? 'wss:' : 'ws:'}//${url.host}${SIGNALING_PATH}${query}`,
    api: `${url.origin}/api/streams/${stream}${query}`,
    whip: `${url.origin}/live/${stream}/whip`,
  };
}
