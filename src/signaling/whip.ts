import type { Request, Router } from 'express';
import type { Sfu } from '../sfu/sfu.ts';
import { sessionRouter, type HttpSessionOptions, type OpenedSession } from './http-sessions.ts';
import type { Publications } from '../publishing/publications.ts';
import { writePublishAnswer } from './sdp-publish-answer.ts';
import { scalabilityModeOf } from './scalability-mode.ts';
import { readPublishOffer } from './sdp-publish-offer.ts';

export interface WhipOptions extends HttpSessionOptions {
  readonly sfu: Sfu;
  readonly publications: Publications;
}

/** WHIP (RFC 9725): any WebRTC publisher becomes a stream's source by one HTTP exchange, `POST /:id/whip`. */
export function whipRouter({ sfu, publications, ...options }: WhipOptions): Router {
  const open = async (id: string, sdp: string, request: Request): Promise<OpenedSession> => {
    const offer = readPublishOffer(sdp, sfu.rtpCapabilities.codecs ?? [], scalabilityModeOf(request));
    const publisher = await publications.open(id, { video: offer.publishedVideo.rtpParameters, audio: offer.publishedAudio?.rtpParameters });
    try {
      await publisher.connect(offer.dtlsParameters);
    } catch (error) {
      publisher.close();
      throw error;
    }
    return { peer: publisher, answer: writePublishAnswer(offer, publisher) };
  };
  return sessionRouter({ ...options, name: 'whip', restartsIce: true, open });
}
