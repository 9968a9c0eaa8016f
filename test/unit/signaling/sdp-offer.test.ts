import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { asProblem } from '../../../src/http/error-handler.ts';
import { readOffer } from '../../../src/signaling/sdp-offer.ts';
import { Refusal } from '../../../src/util/refusal.ts';
import { AIORTC, CHROMIUM, FIREFOX, GSTREAMER, LIBDATACHANNEL } from '../../support/offers.ts';

/** Status and code with which an offer is refused. */
function refusal(sdp: string): [number, string | undefined] {
  try {
    readOffer(sdp);
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return [asProblem(error).status, error.code];
  }
  throw new assert.AssertionError({ message: 'the offer was taken' });
}

describe('an offer', () => {
  it('of Chromium is taken with constrained baseline, its retransmissions and its data channel', () => {
    const offer = readOffer(CHROMIUM);
    assert.deepEqual(offer.payloadTypes, { codec: 'H264', media: 108, rtx: 109 });
    assert.deepEqual([offer.video, offer.data, offer.mid, offer.setup], [0, 2, '0', 'passive']);
    assert.match(offer.fmtp, /profile-level-id=42e01f/);
    const [h264, rtx] = offer.rtpCapabilities.codecs!;
    assert.deepEqual(
      h264!.rtcpFeedback!.map(({ type, parameter }) => `${type} ${parameter}`.trim()),
      ['nack', 'nack pli', 'ccm fir', 'transport-cc'],
    );
    assert.deepEqual(rtx!.parameters, { apt: 108 });
  });

  it('of Firefox is taken although video comes second and the fingerprint first', () => {
    const offer = readOffer(FIREFOX);
    assert.deepEqual(offer.payloadTypes, { codec: 'H264', media: 126, rtx: 127 });
    assert.deepEqual([offer.video, offer.data, offer.mid], [1, undefined, '1']);
    assert.equal(offer.dtlsParameters.fingerprints[0]!.algorithm, 'sha-256');
  });

  it('of GStreamer is taken although it says nothing about its H.264', () => {
    const offer = readOffer(GSTREAMER);
    assert.deepEqual(offer.payloadTypes, { codec: 'H264', media: 101, rtx: undefined });
    assert.equal(offer.mid, 'video0');
    assert.match(offer.fmtp, /packetization-mode=1/);
  });

  it('of libdatachannel is taken without retransmissions of their own', () => {
    const offer = readOffer(LIBDATACHANNEL);
    assert.deepEqual(offer.payloadTypes, { codec: 'H264', media: 96, rtx: undefined });
    assert.equal(offer.data, 1);
  });

  it('of aiortc is taken with constrained rather than plain baseline', () => {
    assert.deepEqual(readOffer(AIORTC).payloadTypes, { codec: 'H264', media: 101, rtx: 102 });
  });

  it('is taken in baseline, main or high profile where there is no better', () => {
    const only = (profile: string): string => LIBDATACHANNEL.replace('42e01f', profile);
    for (const profile of ['42001f', '4d001f', '640c1f']) {
      const offer = readOffer(only(profile));
      assert.equal(offer.payloadTypes.media, 96);
      assert.ok(offer.fmtp.includes(profile), 'the answer repeats what was offered');
    }
  });

  it('gets its media identification in packets only where it reads it where the SFU writes it', () => {
    assert.equal(readOffer(AIORTC).midOnWire, '0');
    assert.equal(readOffer(AIORTC.replaceAll('mid:0', 'mid:front')).midOnWire, 'front');
    assert.equal(readOffer(CHROMIUM.replace('mid:0', 'mid:front')).midOnWire, 'other');
    assert.deepEqual(refusal(AIORTC.replace('mid:0', 'mid:much-too-long')), [400, 'bad-offer']);
  });

  it('has its sound taken where it takes Opus', () => {
    const { audio, rtpCapabilities } = readOffer(CHROMIUM);
    assert.deepEqual(audio, { index: 1, mid: '1', midOnWire: 'other', payloadType: 111, fmtp: '' });
    assert.equal(rtpCapabilities.codecs!.find(({ kind }) => kind === 'audio')?.preferredPayloadType, 111);
    assert.deepEqual([readOffer(FIREFOX).audio?.index, readOffer(FIREFOX).audio?.payloadType], [0, 109]);
    assert.equal(readOffer(CHROMIUM.replace('opus/48000/2', 'PCMU/8000')).audio, undefined);
    assert.equal(readOffer(CHROMIUM.replace('m=audio 9', 'm=audio 0')).audio, undefined);
    assert.equal(readOffer(LIBDATACHANNEL).audio, undefined);
  });

  it('decides who begins with DTLS', () => {
    assert.deepEqual([readOffer(AIORTC).setup, readOffer(AIORTC).dtlsParameters.role], ['passive', 'client']);
    const passive = readOffer(AIORTC.replace('setup:actpass', 'setup:passive'));
    assert.deepEqual([passive.setup, passive.dtlsParameters.role], ['active', 'server']);
  });

  it('without usable H.264 is not acceptable', () => {
    assert.deepEqual(refusal(CHROMIUM.replaceAll('H264', 'H265')), [406, 'no-common-codec']);
    assert.deepEqual(refusal(LIBDATACHANNEL.replace('packetization-mode=1', 'packetization-mode=0')), [406, 'no-common-codec']);
    assert.deepEqual(refusal(LIBDATACHANNEL.replace('a=rtpmap:96 H264/90000\r\n', '')), [406, 'no-common-codec']);
  });

  it('that is none, or lacks what a connection needs, is refused with the reason', () => {
    for (const sdp of [
      '',
      'hello',
      '{"type":"offer"}',
      'v=0\r\n',
      'v=0\r\nm=video\r\n',
      CHROMIUM.replaceAll('m=video', 'm=audio'),
      LIBDATACHANNEL.replace('recvonly', 'sendonly'),
      LIBDATACHANNEL.replace('recvonly', 'inactive'),
      LIBDATACHANNEL.replace('m=video 45802', 'm=video 0'),
      LIBDATACHANNEL.replaceAll('UDP/TLS/RTP/SAVPF', 'RTP/AVP'),
      LIBDATACHANNEL.replace('a=mid:video\r\n', ''),
      LIBDATACHANNEL.replace(/a=fingerprint.*\r\n/, ''),
      LIBDATACHANNEL.replaceAll(/a=ice-ufrag.*\r\n/g, ''),
      LIBDATACHANNEL.replaceAll('actpass', 'holdconn'),
      LIBDATACHANNEL.replace('sha-256', 'md5'),
    ]) {
      assert.deepEqual(refusal(sdp), [400, 'bad-offer'], sdp.slice(0, 200));
    }
  });

  it('of whatever bytes is taken or refused, and nothing else', () => {
    const damaged = fc.tuple(fc.constantFrom(CHROMIUM, FIREFOX, AIORTC), fc.array(fc.tuple(fc.nat(4000), fc.string({ maxLength: 8 })), { maxLength: 20 }));
    const check = (sdp: string): void => {
      try {
        readOffer(sdp);
      } catch (error) {
        assert.ok(error instanceof Refusal, String(error));
      }
    };
    fc.assert(fc.property(damaged, ([sdp, edits]) => check(edits.reduce((text, [at, what]) => text.slice(0, at) + what + text.slice(at + what.length), sdp))));
    fc.assert(fc.property(fc.string(), (text) => check(`v=0\r\n${text}`)));
  });
});
