import { z } from 'zod';
import { text } from '../http/content.ts';
import { routesOf, type ProblemInfo } from '../http/route.ts';
import { checkFragment, checkIceSession, FRAGMENT_TYPE, type HttpSession, type HttpSessions } from './http-sessions.ts';
import { ScalabilityMode } from './scalability-mode.ts';
import { ENDED, FRAGMENT, ICE_SESSION, NOTED, NO_FRAGMENT, NO_SESSION, NO_TRANSPORT, OFFER, OPENED, openedHeaders, OTHER_ICE_SESSION, REFUSED } from './session-content.ts';

/** What a publisher says in the query: a session description has no word for it. */
const WhipQuery = z.object({ scalabilityMode: ScalabilityMode.optional().meta({ description: 'Layers in which VP9 is sent (WebRTC-SVC).' }) });
export type WhipQuery = z.output<typeof WhipQuery>;

/** Why a publisher is not let in. */
const NOT_ADMITTED: readonly ProblemInfo[] = [
  { status: 400, code: 'bad-stream-id', when: 'The id is none of a stream.' },
  { status: 404, when: 'There is no such stream, and publishers may make none (publish.create).' },
  { status: 409, code: 'other-source', when: 'The stream has another source.' },
  { status: 409, code: 'already-published', when: 'It has another publisher, and publish.policy is refuse.' },
  { status: 409, code: 'too-many-streams', when: 'There are as many streams as limits.streams allows.' },
  { status: 503, code: 'stream-unavailable', when: 'The server is ending.' },
];
const REPLACED: ProblemInfo = { status: 410, code: 'replaced', when: 'Another publisher has taken its place.' };

export interface WhipDeps {
  readonly sessions: HttpSessions<WhipQuery>;
}

const route = routesOf<WhipDeps>('WHIP');

const SESSION = {
  path: '/live/:id/whip/:session',
  find: ({ id, session }: Readonly<Record<'id' | 'session', string>>, { sessions }: WhipDeps): HttpSession => sessions.find(id, session),
} as const;

/** WHIP: any WebRTC publisher becomes a stream's source by one HTTP exchange. */
export const whipRoutes = [
  route(
    {
      method: 'post',
      path: '/live/:id/whip',
      action: 'publish',
      summary: 'Opens a publisher’s session: it becomes the stream’s source.',
      query: WhipQuery,
      body: OFFER,
      answers: { 201: OPENED },
      problems: [...REFUSED, ...NOT_ADMITTED],
    },
    async ({ params: { id }, query, body }, { sessions }) => {
      const { session, answer } = await sessions.open(id, body, query);
      return { status: 201, headers: openedHeaders(`/live/${id}/whip`, session, sessions.iceLinks), body: answer };
    },
  ),

  route(
    {
      ...SESSION,
      method: 'delete',
      action: 'publish',
      summary: 'Ends a publisher’s session.',
      answers: { 200: ENDED },
      problems: [NO_SESSION, REPLACED],
    },
    ({ found }) => {
      found.peer.close();
      return { status: 200 };
    },
  ),

  route(
    {
      ...SESSION,
      method: 'patch',
      action: 'publish',
      summary: 'Tells of candidates, or restarts ICE (RFC 9725 §4.3).',
      headers: { 'If-Match': 'The ETag of the ICE session that the fragment is for. * restarts ICE.' },
      body: FRAGMENT,
      answers: {
        200: text(FRAGMENT_TYPE, { description: 'ICE is restarted: the server’s new credentials and candidates.', headers: { ETag: ICE_SESSION } }),
        204: NOTED,
      },
      problems: [NO_SESSION, REPLACED, NO_FRAGMENT, OTHER_ICE_SESSION, ...NO_TRANSPORT],
    },
    async ({ headers: { 'If-Match': condition }, body, found }, { sessions }) => {
      checkFragment(body);
      if (condition === '*') {
        const fragment = await sessions.restartIce(found);
        return { status: 200, headers: { ETag: found.etag }, body: fragment };
      }
      checkIceSession(found, condition);
      return { status: 204 };
    },
  ),
];
