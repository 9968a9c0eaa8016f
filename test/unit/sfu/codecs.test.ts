import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ortc } from 'mediasoup';
import type { RouterRtpCodecCapability } from 'mediasoup/types';
import { BASE_PAYLOAD_TYPES, baseCodecs, canBeRtx, h264Codecs } from '../../../src/sfu/codecs.ts';

/** Under which payload types a router with these codecs sends constrained baseline. */
function h264Of(codecs: RouterRtpCodecCapability[]): { h264: number | undefined; rtx: number | undefined } {
  const all = ortc.generateRouterRtpCapabilities(codecs).codecs ?? [];
  const h264 = all.find(({ mimeType, parameters }) => mimeType === 'video/H264' && parameters?.['profile-level-id'] === '42e01f')?.preferredPayloadType;
  const rtx = all.find(({ mimeType, parameters }) => mimeType === 'video/rtx' && parameters?.['apt'] === h264)?.preferredPayloadType;
  return { h264, rtx };
}

describe('the codecs of a router', () => {
  it('have constrained baseline where Chromium offers it, on the base router', () => {
    assert.deepEqual(h264Of(baseCodecs()), BASE_PAYLOAD_TYPES);
  });

  it('have every codec that streams and pages may use, on the base router', () => {
    const names = new Set((ortc.generateRouterRtpCapabilities(baseCodecs()).codecs ?? []).map(({ mimeType }) => mimeType));
    for (const name of ['video/H264', 'video/VP8', 'video/VP9', 'video/AV1', 'audio/opus']) assert.ok(names.has(name), name);
  });

  it('have H.264 and its retransmissions under whatever payload types a viewer offered', () => {
    const types = fc.tuple(fc.integer({ min: 35, max: 127 }), fc.integer({ min: 96, max: 127 })).filter(([h264, rtx]) => canBeRtx(rtx, h264));
    fc.assert(fc.property(types, ([h264, rtx]) => assert.deepEqual(h264Of(h264Codecs({ h264, rtx })), { h264, rtx })));
  });

  it('have H.264 under the payload type of a viewer without retransmissions', () => {
    fc.assert(fc.property(fc.integer({ min: 35, max: 127 }), (h264) => assert.equal(h264Of(h264Codecs({ h264 })).h264, h264)));
  });
});
