import { Variant } from '../pipeline/media/info.ts';
import { operation, type AnswerInit, type Json } from './openapi-parts.ts';

const SDP = 'application/sdp';
const FRAGMENT = 'application/trickle-ice-sdpfrag';
const TEXT: Json = { type: 'string' };

const ICE_SESSION = 'Names the ICE session (RFC 9725 §4.3.1).';
const REFUSED = {
  '401': 'The token is missing or wrong.',
  '413': 'The body is too large.',
  '415': `The body is not ${SDP}.`,
  '503': 'No media worker can take it right now; Retry-After says when to ask again.',
};
const OPENED: AnswerInit = {
  description: 'The session is open.',
  schema: { ...TEXT, description: 'An answer: a session description with all candidates of the server.' },
  type: SDP,
  headers: {
    Location: 'Of the session: DELETE ends it.',
    ETag: ICE_SESSION,
    'Accept-Patch': FRAGMENT,
    Link: 'rel="ice-server": a server that the client may use for its own candidates (RFC 9725 §4.6); once each.',
  },
};
const OFFER = { schema: { ...TEXT, description: 'An offer: a session description; candidates need not be in it.' }, type: SDP };
const FRAGMENT_BODY = { schema: { ...TEXT, description: 'An ICE fragment (RFC 8840).' }, type: FRAGMENT };
const LEARNT: AnswerInit = { description: 'Taken note of: the server needs none of the client’s candidates.' };
const OTHER = { '400': 'The body is no ICE fragment.', '412': 'The fragment is for another ICE session.', '415': `The body is not ${FRAGMENT}.` };
const CONDITION = { 'If-Match': 'The ETag of the ICE session that the fragment is for.' };

/** WHEP (draft-ietf-wish-whep) and WHIP (RFC 9725): sessions of one HTTP exchange. */
export function sessionPaths(): Record<string, Record<string, Json>> {
  return {
    '/live/{id}/whep': {
      post: operation('Opens a viewer’s session (WHEP).', {
        path: ['id'],
        query: {
          variant: { type: 'string', enum: Variant.options, default: 'annotated' },
          width: { type: 'integer', minimum: 1, maximum: 99_999, description: 'Pixels that the viewer needs: of a publisher that sends several sizes, the smallest that is at least as wide.' },
        },
        body: OFFER,
        answers: { '201': OPENED },
        problems: { '400': 'It is no usable offer, or a parameter is wrong.', '404': 'There is no such stream.', '406': 'No codec in common.', ...REFUSED },
      }),
    },
    '/live/{id}/whep/{session}': {
      patch: operation('Tells of candidates; ICE is not restarted.', {
        path: ['id', 'session'],
        headers: CONDITION,
        body: FRAGMENT_BODY,
        answers: { '204': LEARNT },
        problems: { ...OTHER, '404': 'There is no such session; it may have ended.', '422': 'An ICE restart was asked for: end the session and open another.' },
      }),
      delete: operation('Ends a viewer’s session.', { path: ['id', 'session'], answers: { '200': {} }, problems: { '404': 'There is no such session; it may have ended.' } }),
    },
    '/live/{id}/whip': {
      post: operation('Opens a publisher’s session (WHIP): it becomes the stream’s source.', {
        path: ['id'],
        query: { scalabilityMode: { type: 'string', pattern: '^L[1-3]T[1-3](_KEY)?$', description: 'Layers in which VP9 is sent (WebRTC-SVC).' } },
        body: OFFER,
        answers: { '201': OPENED },
        problems: {
          '400': 'It is no usable offer, a parameter is wrong, or the id is none of a stream.',
          '404': 'There is no such stream, and publishers may make none (publish.create).',
          '406': 'No codec in common.',
          '409': 'The stream has another source, or another publisher (publish.policy is refuse), or is one too many.',
          ...REFUSED,
        },
      }),
    },
    '/live/{id}/whip/{session}': {
      patch: operation('Tells of candidates, or restarts ICE (RFC 9725 §4.3).', {
        path: ['id', 'session'],
        headers: { 'If-Match': `${CONDITION['If-Match']} * restarts ICE.` },
        body: FRAGMENT_BODY,
        answers: {
          '200': { description: 'ICE is restarted.', schema: { ...TEXT, description: 'The server’s new credentials and candidates.' }, type: FRAGMENT, headers: { ETag: ICE_SESSION } },
          '204': LEARNT,
        },
        problems: { ...OTHER, '404': 'There is no such session; it may have ended.', '410': 'Another publisher has taken its place.' },
      }),
      delete: operation('Ends a publisher’s session.', {
        path: ['id', 'session'],
        answers: { '200': {} },
        problems: { '404': 'There is no such session; it may have ended.', '410': 'Another publisher has taken its place.' },
      }),
    },
  };
}
