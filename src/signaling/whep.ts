import type { Request, Router } from 'express';
import { ProblemError } from '../http/problem.ts';
import { Variant } from '../pipeline/messages.ts';
import type { Sfu } from '../sfu/sfu.ts';
import { notFound, sessionRouter, type HttpSessionOptions, type OpenedSession } from './http-sessions.ts';
import type { LiveStreams } from './live-streams.ts';
import { writeAnswer } from './sdp-answer.ts';
import { readOffer } from './sdp-offer.ts';

export interface WhepOptions extends HttpSessionOptions {
  readonly sfu: Sfu;
  readonly streams: LiveStreams;
}

/** `POST /:id/whep` and what follows from it (draft-ietf-wish-whep): any WebRTC player gets a stream by one HTTP exchange. */
export function whepRouter({ sfu, streams, ...options }: WhepOptions): Router {
  const open = async (id: string, sdp: string, request: Request): Promise<OpenedSession> => {
    if (streams.condition(id) === undefined) throw notFound('There is no such stream.');
    const variant = variantOf(request);
    const offer = readOffer(sdp);
    streams.touch(id);
    const { rtpCapabilities, payloadTypes, midOnWire: mid, data } = offer;
    const viewer = await sfu.broadcast(id).addViewer({ variant, rtpCapabilities, payloadTypes, mid, data: data !== undefined });
    try {
      await viewer.connect(offer.dtlsParameters);
      await viewer.resume();
    } catch (error) {
      viewer.close();
      throw error;
    }
    return { peer: viewer, answer: writeAnswer(offer, viewer, id) };
  };
  return sessionRouter({ ...options, name: 'whep', restartsIce: false, open });
}

function variantOf(request: Request): Variant {
  const parsed = Variant.safeParse(request.query['variant'] ?? 'annotated');
  if (parsed.success) return parsed.data;
  const message = `The variant is one of ${Variant.options.join(', ')}.`;
  throw new ProblemError({ status: 400, code: 'bad-variant', detail: message, errors: [{ path: 'variant', message }] });
}
