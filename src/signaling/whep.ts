import express, { Router, type Request, type RequestHandler, type Response } from 'express';
import type { Logger } from 'pino';
import { ProblemError } from '../http/problem.ts';
import { Variant } from '../pipeline/messages.ts';
import { SfuError } from '../sfu/errors.ts';
import type { Sfu } from '../sfu/sfu.ts';
import type { Viewer } from '../sfu/viewer.ts';
import type { LiveStreams } from './live-streams.ts';
import type { IceServer } from './rtc-schema.ts';
import { writeAnswer } from './sdp-answer.ts';
import { readOffer } from './sdp-offer.ts';

const SDP = 'application/sdp';
const TRICKLE = 'application/trickle-ice-sdpfrag';

export interface WhepOptions {
  readonly sfu: Sfu;
  readonly streams: LiveStreams;
  readonly iceServers: readonly IceServer[];
  /** Bytes of the largest body that is read. */
  readonly bodyBytes: number;
  readonly logger: Logger;
}

interface WhepSession {
  readonly stream: string;
  readonly viewer: Viewer;
}

/** `POST /:id/whep` and what follows from it (draft-ietf-wish-whep): any WebRTC player gets a stream by one HTTP exchange. */
export function whepRouter(options: WhepOptions): Router {
  const { sfu, streams, logger } = options;
  const sessions = new Map<string, WhepSession>();
  const router = Router();
  const body = express.text({ type: () => true, limit: options.bodyBytes });

  const open = async (request: Request, response: Response): Promise<void> => {
    const id = String(request.params['id']);
    if (streams.condition(id) === undefined) throw notFound('There is no such stream.');
    const variant = variantOf(request);
    const offer = readOffer(typeof request.body === 'string' ? request.body : '');
    streams.touch(id);
    const viewer = await sfu
      .broadcast(id)
      .addViewer({ variant, rtpCapabilities: offer.rtpCapabilities, payloadTypes: offer.payloadTypes, mid: offer.midOnWire, data: offer.data !== undefined })
      .catch((error: unknown) => {
        throw problemOf(error);
      });
    try {
      await viewer.connect(offer.dtlsParameters);
      await viewer.resume();
    } catch (error) {
      viewer.close();
      throw problemOf(error);
    }
    sessions.set(viewer.id, { stream: id, viewer });
    viewer.once('close', (reason) => {
      sessions.delete(viewer.id);
      logger.debug({ stream: id, session: viewer.id, reason }, 'WHEP session ended');
    });
    response
      .status(201)
      .type(SDP)
      .set('Location', `${request.baseUrl}/${encodeURIComponent(id)}/whep/${viewer.id}`)
      .set('ETag', etagOf(viewer))
      .set('Accept-Patch', TRICKLE);
    for (const link of iceLinks(options.iceServers)) response.append('Link', link);
    response.send(writeAnswer(offer, viewer, id));
  };

  router
    .route('/:id/whep')
    .post(requireType(SDP), body, open)
    .options((_request, response) => void response.set('Accept-Post', SDP).set('Allow', 'POST, OPTIONS').status(204).end())
    .all(notAllowed('POST, OPTIONS'));

  router
    .route('/:id/whep/:session')
    .delete((request, response) => {
      find(sessions, request).close();
      response.status(200).end();
    })
    // The SFU is an ICE-lite agent with all its candidates in the answer: it needs none of the client's.
    .patch(requireType(TRICKLE), body, (request, response) => {
      const viewer = find(sessions, request);
      const fragment = typeof request.body === 'string' ? request.body : '';
      if (!/^a=(candidate|end-of-candidates|ice-ufrag|mid)/m.test(fragment)) {
        throw new ProblemError({ status: 400, code: 'bad-fragment', detail: 'The body is no ICE fragment (RFC 8840).' });
      }
      if (request.get('if-match') === '*') {
        throw new ProblemError({ status: 422, code: 'no-ice-restart', detail: 'ICE is not restarted on a WHEP session: end it and open another.' });
      }
      if (![undefined, etagOf(viewer)].includes(request.get('if-match'))) {
        throw new ProblemError({ status: 412, code: 'other-ice-session', detail: 'The fragment is for another ICE session than the present one.' });
      }
      response.status(204).end();
    })
    .options((_request, response) => void response.set('Allow', 'DELETE, PATCH, OPTIONS').status(204).end())
    .all(notAllowed('DELETE, PATCH, OPTIONS'));
  return router;
}

function find(sessions: ReadonlyMap<string, WhepSession>, request: Request): Viewer {
  const session = sessions.get(String(request.params['session']));
  if (session === undefined || session.stream !== request.params['id']) throw notFound('There is no such WHEP session; it may have ended.');
  return session.viewer;
}

/** Names the ICE session (RFC 9725 §4.3.1). */
function etagOf({ transport }: Viewer): string {
  return `"${transport.iceParameters.usernameFragment}"`;
}

function variantOf(request: Request): Variant {
  const parsed = Variant.safeParse(request.query['variant'] ?? 'annotated');
  if (parsed.success) return parsed.data;
  const message = `The variant is one of ${Variant.options.join(', ')}.`;
  throw new ProblemError({ status: 400, code: 'bad-variant', detail: message, errors: [{ path: 'variant', message }] });
}

function requireType(type: string): RequestHandler {
  return (request, response, next) => {
    if (request.is(type)) return next();
    response.set('Accept-Post', SDP);
    next(new ProblemError({ status: 415, code: 'media-type', detail: `The body has to be ${type}.` }));
  };
}

function notAllowed(methods: string): RequestHandler {
  return (_request, _response, next) => next(new ProblemError({ status: 405, detail: `Use ${methods} here.`, headers: { Allow: methods } }));
}

function notFound(detail: string): ProblemError {
  return new ProblemError({ status: 404, detail });
}

function problemOf(error: unknown): unknown {
  if (!(error instanceof SfuError)) return error;
  const status = { closed: 404, unavailable: 503, 'no-common-codec': 406, 'transport-refused': 400 }[error.code];
  return new ProblemError({ status, code: error.code, detail: error.message, cause: error, ...(status === 503 ? { headers: { 'Retry-After': '1' } } : {}) });
}

/** RFC 9725 §4.6: servers that a client may use for its own candidates. */
function iceLinks(servers: WhepOptions['iceServers']): string[] {
  return servers.flatMap(({ urls, username, credential }) =>
    [urls].flat().map((url) => `<${url}>; rel="ice-server"${username === undefined ? '' : `; username="${username}"; credential="${credential}"; credential-type="password"`}`),
  );
}
