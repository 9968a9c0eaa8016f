import { z } from 'zod';
import { StreamId } from '../config/stream-id.ts';
import { whole } from '../http/query.ts';
import { routesOf, type ProblemInfo } from '../http/route.ts';
import { Variant } from '../pipeline/media/info.ts';
import { Refusal } from '../util/refusal.ts';
import { checkFragment, checkIceSession, type HttpSession, type HttpSessions } from './http-sessions.ts';
import type { LiveStreams } from './live-streams.ts';
import { ENDED, FRAGMENT, NOTED, NO_FRAGMENT, NO_SESSION, OFFER, OPENED, openedHeaders, OTHER_ICE_SESSION, REFUSED } from './session-content.ts';

/** What a viewer asks for in the query: an offer has no word for it. */
const WhepQuery = z.object({
  variant: Variant.default('annotated'),
  width: whole(1, 99_999).optional().meta({ description: 'Pixels that the viewer needs: of a publisher that sends several sizes, the smallest that is at least as wide.' }),
});
export type WhepQuery = z.output<typeof WhepQuery>;

const NO_STREAM: ProblemInfo = { status: 404, when: 'There is no such stream.' };
const NO_RESTART: ProblemInfo = { status: 422, code: 'no-ice-restart', when: 'An ICE restart was asked for: end the session and open another.' };

export interface WhepDeps {
  readonly streams: Pick<LiveStreams, 'condition'>;
  readonly sessions: HttpSessions<WhepQuery>;
}

const route = routesOf<WhepDeps>('WHEP');

const SESSION = {
  path: '/live/:id/whep/:session',
  find: ({ id, session }: Readonly<Record<'id' | 'session', string>>, { sessions }: WhepDeps): HttpSession => sessions.find(id, session),
} as const;

/** WHEP: any WebRTC player gets a stream by one HTTP exchange. */
export const whepRoutes = [
  route(
    {
      method: 'post',
      path: '/live/:id/whep',
      action: 'view',
      summary: 'Opens a viewer’s session.',
      params: { id: StreamId },
      find: ({ id }, { streams }) => {
        if (streams.condition(id) === undefined) throw new Refusal('not-found', 'There is no such stream.');
      },
      query: WhepQuery,
      body: OFFER,
      answers: { 201: OPENED },
      problems: [NO_STREAM, ...REFUSED],
    },
    async ({ params: { id }, query, body }, { sessions }) => {
      const { session, answer } = await sessions.open(id, body, query);
      return { status: 201, headers: openedHeaders(`/live/${id}/whep`, session, sessions.iceLinks), body: answer };
    },
  ),

  route(
    {
      ...SESSION,
      method: 'delete',
      action: 'view',
      summary: 'Ends a viewer’s session.',
      answers: { 200: ENDED },
      problems: [NO_SESSION],
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
      action: 'view',
      summary: 'Tells of candidates; ICE is not restarted.',
      headers: { 'If-Match': 'The ETag of the ICE session that the fragment is for.' },
      body: FRAGMENT,
      answers: { 204: NOTED },
      problems: [NO_SESSION, NO_FRAGMENT, OTHER_ICE_SESSION, NO_RESTART],
    },
    ({ headers: { 'If-Match': condition }, body, found }) => {
      checkFragment(body);
      if (condition === '*') throw new Refusal('no-ice-restart', 'A WHEP session can’t restart ICE: end it and open another.');
      checkIceSession(found, condition);
      return { status: 204 };
    },
  ),
];
