import express, { Router, type Request, type RequestHandler, type Response } from 'express';
import type { Logger } from 'pino';
import type { Peer } from '../sfu/peer.ts';
import { Refusal } from '../util/refusal.ts';
import type { IceServer } from './rtc-schema.ts';
import { candidateLines } from './sdp-writer.ts';

const SDP = 'application/sdp';
const TRICKLE = 'application/trickle-ice-sdpfrag';
/** Number of replaced WHIP sessions that are remembered, to answer their requests with 410. */
const MAX_REPLACED = 256;

export interface HttpSessionOptions {
  readonly iceServers: readonly IceServer[];
  /** Largest body that is read, in bytes. */
  readonly bodyBytes: number;
  readonly logger: Logger;
}

/** A protocol that exchanges session descriptions in one HTTP request: WHEP or WHIP. */
export interface HttpSessionKind extends HttpSessionOptions {
  /** The last segment of its path. */
  readonly name: 'whep' | 'whip';
  /** Whether ICE can be restarted (RFC 9725 §4.3.3). */
  readonly restartsIce: boolean;
  /** Opens a WHIP or WHEP session. @throws Refusal */
  readonly open: (stream: string, offer: string, request: Request) => Promise<OpenedSession>;
}

export interface OpenedSession {
  readonly peer: Peer;
  /** The SDP answer. */
  readonly answer: string;
}

interface Entry {
  readonly stream: string;
  readonly peer: Peer;
  /** Identifies the current ICE session. */
  etag: string;
}

/** Serves `POST /:id/NAME` and the resource that it creates: a WHIP or WHEP session that ends with DELETE or with its connection. */
export function sessionRouter(kind: HttpSessionKind): Router {
  const { name, logger } = kind;
  const sessions = new Map<string, Entry>();
  const replaced = new Set<string>();
  const router = Router();
  const body = express.text({ type: () => true, limit: kind.bodyBytes });

  const open = async (request: Request, response: Response): Promise<void> => {
    const stream = String(request.params['id']);
    const { peer, answer } = await kind.open(stream, textOf(request), request);
    const session: Entry = { stream, peer, etag: etagOf(peer) };
    if (!peer.closed) sessions.set(peer.id, session);
    peer.once('close', (reason) => {
      sessions.delete(peer.id);
      if (reason === 'replaced') remember(peer.id);
      logger.debug({ stream, session: peer.id, reason }, `${name.toUpperCase()} session ended`);
    });
    response
      .status(201)
      .type(SDP)
      .set('Location', `${request.baseUrl}/${encodeURIComponent(stream)}/${name}/${peer.id}`)
      .set('ETag', session.etag)
      .set('Accept-Patch', TRICKLE);
    for (const link of iceLinks(kind.iceServers)) response.append('Link', link);
    response.send(answer);
  };

  const remember = (id: string): void => {
    replaced.add(id);
    const [oldest] = replaced;
    if (replaced.size > MAX_REPLACED && oldest !== undefined) replaced.delete(oldest);
  };

  const find = (request: Request): Entry => {
    const id = String(request.params['session']);
    // Without this answer, the replaced publisher would reconnect and replace the other, and so on.
    if (replaced.has(id)) throw new Refusal('replaced', 'Another publisher has taken the place of this one (publish.policy is replace).');
    const session = sessions.get(id);
    if (session === undefined || session.stream !== request.params['id']) throw new Refusal('not-found', `There is no such ${name.toUpperCase()} session; it may have ended.`);
    return session;
  };

  // The SFU is an ICE-lite agent with all candidates in its answer: it needs none of the client's.
  const patch = async (request: Request, response: Response): Promise<void> => {
    const session = find(request);
    const fragment = textOf(request);
    if (!/^a=(candidate|end-of-candidates|ice-ufrag|mid)/m.test(fragment)) {
      throw new Refusal('bad-fragment', 'The body is not an ICE fragment (RFC 8840).');
    }
    const condition = request.get('if-match');
    if (condition === '*') return restart(session, response);
    if (![undefined, session.etag].includes(condition)) {
      throw new Refusal('other-ice-session', 'The fragment belongs to another ICE session.');
    }
    response.status(204).end();
  };

  /** Answers with the server's new ICE credentials (RFC 9725 §4.3.3). */
  const restart = async (session: Entry, response: Response): Promise<void> => {
    if (!kind.restartsIce) {
      throw new Refusal('no-ice-restart', `A ${name.toUpperCase()} session can’t restart ICE: end it and open another.`);
    }
    const { usernameFragment, password } = await session.peer.restartIce();
    session.etag = etagOf(session.peer);
    const lines = ['a=ice-lite', `a=ice-ufrag:${usernameFragment}`, `a=ice-pwd:${password}`, ...candidateLines(session.peer.transport.iceCandidates)];
    response.status(200).type(TRICKLE).set('ETag', session.etag).send(`${lines.join('\r\n')}\r\n`);
  };

  router
    .route(`/:id/${name}`)
    .post(requireType(SDP), body, open)
    .options((_request, response) => void response.set('Accept-Post', SDP).set('Allow', 'POST, OPTIONS').status(204).end())
    .all(notAllowed('POST, OPTIONS'));

  router
    .route(`/:id/${name}/:session`)
    .delete((request, response) => {
      find(request).peer.close();
      response.status(200).end();
    })
    .patch(requireType(TRICKLE), body, patch)
    .options((_request, response) => void response.set('Allow', 'DELETE, PATCH, OPTIONS').status(204).end())
    .all(notAllowed('DELETE, PATCH, OPTIONS'));
  return router;
}

/** Identifies the ICE session (RFC 9725 §4.3.1). */
function etagOf({ transport }: Peer): string {
  return `"${transport.iceParameters.usernameFragment}"`;
}

function textOf(request: Request): string {
  return typeof request.body === 'string' ? request.body : '';
}

function requireType(type: string): RequestHandler {
  return (request, response, next) => {
    if (request.is(type)) return next();
    response.set('Accept-Post', SDP);
    next(new Refusal('media-type', `The body must be ${type}.`));
  };
}

function notAllowed(methods: string): RequestHandler {
  return (_request, response, next) => {
    response.set('Allow', methods);
    next(new Refusal('method-not-allowed', `Use ${methods} here.`));
  };
}

/** STUN and TURN servers for the client, as `Link` headers (RFC 9725 §4.6). */
function iceLinks(servers: readonly IceServer[]): string[] {
  return servers.flatMap(({ urls, username, credential }) =>
    [urls].flat().map((url) => `<${url}>; rel="ice-server"${username === undefined ? '' : `; username="${username}"; credential="${credential}"; credential-type="password"`}`),
  );
}
