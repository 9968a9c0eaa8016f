import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { RtpCodecCapability } from 'mediasoup/types';
import { asProblem } from '../../../src/http/error-handler.ts';
import { Refusal } from '../../../src/util/refusal.ts';
import { baseCodecs } from '../../../src/sfu/codecs.ts';
import { readPublishOffer } from '../../../src/signaling/sdp-publish-offer.ts';
import { AIORTC, CHROMIUM, FIREFOX, LIBDATACHANNEL } from '../../support/offers.ts';

const CODECS = baseCodecs() as RtpCodecCapability[];
/** Whether an offer was refused so. */
const refused = (status: number, code: string) => (error: unknown): true => {
  assert.ok(error instanceof Refusal, String(error));
  assert.deepEqual([asProblem(error).status, error.code], [status, code]);
  return true;
};
const sending = (offer: string): string => offer.replaceAll('a=recvonly', 'a=sendonly');

describe('an offer of a publisher', () => {
  it('is taken with the first codec that can be received, under its own payload types and identifiers', () => {
    const { publishedVideo, publishedAudio } = readPublishOffer(sending(CHROMIUM), CODECS);
    const [vp8, rtx] = publishedVideo.rtpParameters.codecs;
    assert.deepEqual([vp8?.mimeType, vp8?.payloadType, rtx?.mimeType, rtx?.payloadType, rtx?.parameters], ['video/VP8', 96, 'video/rtx', 97, { apt: 96 }]);
    assert.deepEqual(
      publishedVideo.rtpParameters.headerExtensions?.map(({ id }) => id).toSorted((a, b) => a - b),
      [2, 4, 9],
    );
    assert.deepEqual(publishedVideo.rtpParameters.encodings, [{}], 'it names no source: packets are known by their a=mid');
    assert.equal(publishedAudio, undefined, 'audio whose packets can’t be told from others is left out');
  });

  it('is taken with the codec that it prefers, whatever the order of its lines', () => {
    const preferring = sending(CHROMIUM).replace('SAVPF 96 97 102 103 104 107 108 109', 'SAVPF 108 109 96 97 102 103 104 107');
    const { publishedVideo } = readPublishOffer(preferring, CODECS);
    const [h264] = publishedVideo.rtpParameters.codecs;
    assert.equal(h264?.payloadType, 108);
    assert.deepEqual(
      h264.rtcpFeedback?.map(({ type, parameter }) => `${type} ${parameter}`.trim()),
      ['nack', 'nack pli', 'ccm fir', 'transport-cc'],
    );
    assert.match(publishedVideo.fmtp, /profile-level-id=42e01f/);
    assert.equal(publishedVideo.name, 'H264/90000');
  });

  it('is taken with its sources, and those of their retransmissions', () => {
    const sources = ['a=ssrc-group:FID 11 12', 'a=ssrc:11 cname:me', 'a=ssrc:12 cname:me'].join('\r\n');
    const { publishedVideo } = readPublishOffer(sending(CHROMIUM).replace('a=rtcp-rsize', `a=rtcp-rsize\r\n${sources}`), CODECS);
    const [encoding] = publishedVideo.rtpParameters.encodings ?? [];
    assert.deepEqual([encoding?.ssrc, encoding?.rtx, publishedVideo.rtpParameters.rtcp?.cname], [11, { ssrc: 12 }, 'me']);
  });

  it('is taken with the layers that its publisher names, where the codec has any', () => {
    const layered = readPublishOffer(sending(CHROMIUM).replace('VP8/90000', 'VP9/90000'), CODECS, 'L3T1');
    assert.deepEqual(layered.publishedVideo.rtpParameters.encodings, [{ scalabilityMode: 'L3T1' }]);
    const plain = readPublishOffer(sending(CHROMIUM), CODECS, 'L3T1');
    assert.deepEqual(plain.publishedVideo.rtpParameters.encodings, [{}]);
  });

  it('without a source and without a way to tell its packets is refused', () => {
    const nameless = sending(CHROMIUM).replaceAll('sdes:mid', 'sdes:other');
    assert.throws(() => readPublishOffer(nameless, CODECS), refused(400, 'bad-offer'));
    assert.throws(() => readPublishOffer(nameless.replace('a=rtcp-rsize', 'a=rtcp-rsize\r\na=ssrc:99999999999 cname:me'), CODECS), refused(400, 'bad-offer'));
  });

  it('that only wants to receive, or has no codec in common, is refused', () => {
    assert.throws(() => readPublishOffer(CHROMIUM, CODECS), refused(400, 'bad-offer'));
    assert.throws(() => readPublishOffer(sending(CHROMIUM).replaceAll(/(VP8|H264)\/90000/g, 'H265/90000'), CODECS), refused(406, 'no-common-codec'));
  });

  it('of whatever bytes is taken or refused, and nothing else', () => {
    const offers = [CHROMIUM, FIREFOX, AIORTC, LIBDATACHANNEL].map((offer) => sending(offer).replace('a=rtcp-mux', 'a=rtcp-mux\r\na=ssrc-group:FID 1 2\r\na=ssrc:1 cname:x'));
    const damaged = fc.tuple(fc.constantFrom(...offers), fc.array(fc.tuple(fc.nat(4000), fc.string({ maxLength: 8 })), { maxLength: 20 }));
    fc.assert(
      fc.property(damaged, ([sdp, edits]) => {
        const text = edits.reduce((whole, [at, what]) => whole.slice(0, at) + what + whole.slice(at + what.length), sdp);
        try {
          readPublishOffer(text, CODECS);
        } catch (error) {
          assert.ok(error instanceof Refusal, String(error));
        }
      }),
    );
  });
});
