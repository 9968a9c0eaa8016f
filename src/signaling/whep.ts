import type { Variant } from '../pipeline/media/info.ts';
import type { VideoCodec } from '../pipeline/media/video-codec.ts';
import type { Broadcast } from '../sfu/broadcast.ts';
import { SfuError } from '../sfu/errors.ts';
import type { Sfu } from '../sfu/sfu.ts';
import type { Viewer } from '../sfu/viewer.ts';
import { HttpSessions, type HttpSessionOptions, type OpenedSession } from './http-sessions.ts';
import type { LiveStreams } from './live-streams.ts';
import { layerFor } from './scalability-mode.ts';
import { writeAnswer } from './sdp-answer.ts';
import { readOffer, type ViewerOffer } from './sdp-offer.ts';
import type { WhepDeps, WhepQuery } from './whep-routes.ts';

export interface WhepOptions extends HttpSessionOptions {
  readonly sfu: Sfu;
  readonly streams: LiveStreams;
}

/** What the routes of WHEP work with: offers are answered with viewers of the SFU. */
export function whep({ sfu, streams, ...options }: WhepOptions): WhepDeps {
  const add = async (id: string, sdp: string, variant: Variant, codec?: VideoCodec): Promise<{ offer: ViewerOffer; viewer: Viewer }> => {
    const read = readOffer(sdp, codec);
    // For a stream that was never live it is unknown whether it has audio; this viewer may be the one that starts it.
    const offer = streams.condition(id)?.audio === false ? { ...read, audio: undefined } : read;
    streams.touch(id);
    const { rtpCapabilities, midOnWire: mid, data } = offer;
    const payloadTypes = { ...offer.payloadTypes, opus: offer.audio?.payloadType };
    return { offer, viewer: await sfu.broadcast(id).addViewer({ variant, rtpCapabilities, payloadTypes, mid, data: data !== undefined }) };
  };

  /** Falls back to H.264 for a viewer that can't decode the forwarded codec. */
  const admit = async (id: string, sdp: string, variant: Variant): ReturnType<typeof add> => {
    const codec = sfu.broadcast(id).codecOf(variant);
    if (codec === 'H264') return add(id, sdp, variant);
    return add(id, sdp, variant, codec).catch((error: unknown) => {
      if ((error as { code?: unknown }).code !== 'no-common-codec') throw error;
      return add(id, sdp, variant);
    });
  };

  const open = async (id: string, sdp: string, { variant, width }: WhepQuery): Promise<OpenedSession> => {
    const { offer, viewer } = await admit(id, sdp, variant);
    const { audio } = offer;
    try {
      const sourceWidth = streams.condition(id)?.width;
      if (width !== undefined && sourceWidth !== undefined) await viewer.setPreferredLayers(layerFor(width, sourceWidth, viewer.spatialLayers));
      if (audio !== undefined) await listen(sfu.broadcast(id), viewer, audio.midOnWire);
      await viewer.connect(offer.dtlsParameters);
      await viewer.resume();
    } catch (error) {
      viewer.close();
      throw error;
    }
    return { peer: viewer, answer: writeAnswer(offer, viewer, id) };
  };
  return { streams, sessions: new HttpSessions({ ...options, name: 'whep', open }) };
}

/** Adds audio if the stream has any. */
async function listen(broadcast: Broadcast, viewer: Viewer, mid: string): Promise<void> {
  await broadcast.listen(viewer, mid).catch((error: unknown) => {
    if (!(error instanceof SfuError && error.code === 'no-audio')) throw error;
  });
}
