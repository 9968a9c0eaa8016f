import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ortc } from 'mediasoup';
import type { RouterRtpCodecCapability } from 'mediasoup/types';
import { VIDEO_CODECS, type VideoCodec } from '../../../src/pipeline/media/video-codec.ts';
import { BASE_PAYLOAD_TYPES, baseCodecs, canBeRtx, codecsOf, CODEC_PARAMETERS, type PayloadTypes } from '../../../src/sfu/codecs.ts';

/** Under which payload types a router with these codecs sends a codec (of H.264, constrained baseline), and the first Opus that it has. */
function typesOf(codecs: RouterRtpCodecCapability[], codec: VideoCodec): Partial<PayloadTypes> {
  const all = ortc.generateRouterRtpCapabilities(codecs).codecs ?? [];
  const wanted = Object.entries(CODEC_PARAMETERS[codec]);
  const media = all.find(({ mimeType, parameters }) => mimeType === `video/${codec}` && wanted.every(([name, value]) => parameters?.[name] === value))?.preferredPayloadType;
  const rtx = all.find(({ mimeType, parameters }) => mimeType === 'video/rtx' && parameters?.['apt'] === media)?.preferredPayloadType;
  const opus = all.find(({ mimeType }) => mimeType === 'audio/opus')?.preferredPayloadType;
  return { codec, ...(media === undefined ? {} : { media }), rtx, opus };
}

describe('the codecs of a router', () => {
  it('have constrained baseline and Opus where Chromium offers them, on the base router', () => {
    assert.deepEqual(typesOf(baseCodecs(), 'H264'), BASE_PAYLOAD_TYPES);
  });

  it('have every codec that streams and pages may use, on the base router', () => {
    const names = new Set((ortc.generateRouterRtpCapabilities(baseCodecs()).codecs ?? []).map(({ mimeType }) => mimeType));
    for (const name of ['video/H264', 'video/VP8', 'video/VP9', 'video/AV1', 'audio/opus']) assert.ok(names.has(name), name);
  });

  it('have a codec, its retransmissions and Opus under whatever payload types a viewer offered', () => {
    const any = fc.integer({ min: 35, max: 127 });
    const types = fc
      .record({ codec: fc.constantFrom(...VIDEO_CODECS), media: any, rtx: fc.integer({ min: 96, max: 127 }), opus: any })
      .filter(({ media, rtx, opus }) => canBeRtx(rtx, media) && opus !== media && opus !== rtx);
    fc.assert(fc.property(types, (given) => assert.deepEqual(typesOf(codecsOf(given), given.codec), { ...given })));
  });

  it('have a codec and its retransmissions for a viewer that takes no sound', () => {
    const types = fc
      .record({ codec: fc.constantFrom(...VIDEO_CODECS), media: fc.integer({ min: 35, max: 127 }), rtx: fc.integer({ min: 96, max: 127 }) })
      .filter(({ media, rtx }) => canBeRtx(rtx, media));
    fc.assert(
      fc.property(types, (given) => {
        const { opus: _opus, ...sent } = typesOf(codecsOf(given), given.codec);
        assert.deepEqual(sent, { ...given });
      }),
    );
  });

  it('have a codec under the payload type of a viewer without retransmissions', () => {
    const types = fc.record({ codec: fc.constantFrom(...VIDEO_CODECS), media: fc.integer({ min: 35, max: 127 }) });
    fc.assert(fc.property(types, (given) => assert.equal(typesOf(codecsOf(given), given.codec).media, given.media)));
  });
});
