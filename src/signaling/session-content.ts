import { nothing, text } from '../http/content.ts';
import type { ProblemInfo } from '../http/route.ts';
import { FRAGMENT_TYPE, type HttpSession } from './http-sessions.ts';

/** What routes of WHEP (draft-ietf-wish-whep) and WHIP (RFC 9725) have in common: what they take, answer and refuse. */

const SDP_TYPE = 'application/sdp';

export const ICE_SESSION = 'Names the ICE session (RFC 9725 §4.3.1).';

export const OFFER = text(SDP_TYPE, { description: 'An offer: a session description; candidates need not be in it.' });
export const FRAGMENT = text(FRAGMENT_TYPE, { description: 'An ICE fragment (RFC 8840).' });

export const OPENED = text(SDP_TYPE, {
  description: 'The session is open. An answer: a session description with all candidates of the server.',
  headers: {
    Location: 'Of the session: DELETE ends it.',
    ETag: ICE_SESSION,
    'Accept-Patch': FRAGMENT_TYPE,
    Link: 'rel="ice-server": a server that the client may use for its own candidates (RFC 9725 §4.6); once each.',
  },
});
export const NOTED = nothing({ description: 'Taken note of: the server needs none of the client’s candidates.' });
export const ENDED = nothing({ description: 'The session has ended.' });

/** @param links see `HttpSessions.iceLinks` */
export function openedHeaders(path: string, { peer, etag }: HttpSession, links: readonly string[]): Readonly<Record<'Location' | 'ETag' | 'Accept-Patch' | 'Link', string | readonly string[]>> {
  return { Location: `${path}/${peer.id}`, ETag: etag, 'Accept-Patch': FRAGMENT_TYPE, Link: links };
}

/** What the SFU refuses when it is asked for a transport. */
export const NO_TRANSPORT: readonly ProblemInfo[] = [
  { status: 404, code: 'closed', when: 'The stream was removed meanwhile.' },
  { status: 503, code: 'unavailable', when: 'No media worker can take it right now; Retry-After says when to ask again.' },
];

/** What is refused when a session is to be opened. */
export const REFUSED: readonly ProblemInfo[] = [
  { status: 400, code: 'bad-offer', when: 'It is no usable offer.' },
  { status: 400, code: 'transport-refused', when: 'The media worker takes no such transport.' },
  { status: 406, code: 'no-common-codec', when: 'No codec in common.' },
  ...NO_TRANSPORT,
];

export const NO_SESSION: ProblemInfo = { status: 404, when: 'There is no such session; it may have ended.' };
export const NO_FRAGMENT: ProblemInfo = { status: 400, code: 'bad-fragment', when: 'The body is no ICE fragment.' };
export const OTHER_ICE_SESSION: ProblemInfo = { status: 412, code: 'other-ice-session', when: 'The fragment is for another ICE session.' };
