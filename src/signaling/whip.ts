import type { Sfu } from '../sfu/sfu.ts';
import { HttpSessions, type HttpSessionOptions, type OpenedSession } from './http-sessions.ts';
import type { Publications } from '../publishing/publications.ts';
import { writePublishAnswer } from './sdp-publish-answer.ts';
import { readPublishOffer } from './sdp-publish-offer.ts';
import type { WhipDeps, WhipQuery } from './whip-routes.ts';

export interface WhipOptions extends HttpSessionOptions {
  readonly sfu: Sfu;
  readonly publications: Publications;
}

/** What the routes of WHIP work with: offers are answered with publishers of the SFU. */
export function whip({ sfu, publications, ...options }: WhipOptions): WhipDeps {
  const open = async (id: string, sdp: string, { scalabilityMode }: WhipQuery): Promise<OpenedSession> => {
    const offer = readPublishOffer(sdp, sfu.rtpCapabilities.codecs ?? [], scalabilityMode);
    const publisher = await publications.open(id, { video: offer.publishedVideo.rtpParameters, audio: offer.publishedAudio?.rtpParameters });
    try {
      await publisher.connect(offer.dtlsParameters);
    } catch (error) {
      publisher.close();
      throw error;
    }
    return { peer: publisher, answer: writePublishAnswer(offer, publisher) };
  };
  return { sessions: new HttpSessions({ ...options, name: 'whip', open }) };
}
