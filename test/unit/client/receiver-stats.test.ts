import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReceiverReader } from '../../../client/src/live/receiver-stats.ts';

function report(inbound: object): RTCStatsReport {
  return new Map<string, unknown>([
    ['t', { type: 'transport', selectedCandidatePairId: 'p' }],
    ['p', { type: 'candidate-pair', localCandidateId: 'l' }],
    ['l', { type: 'local-candidate', protocol: 'tcp' }],
    ['c', { type: 'codec', mimeType: 'video/H264' }],
    ['i', { type: 'inbound-rtp', codecId: 'c', transportId: 't', ...inbound }],
  ]) as unknown as RTCStatsReport;
}

test('the bitrate is that between two readings', () => {
  const reader = new ReceiverReader();
  assert.equal(reader.read(report({ bytesReceived: 5000, timestamp: 1000 }))?.bitrate, 0);
  const figures = reader.read(report({ bytesReceived: 255_000, timestamp: 2000, packetsLost: 3, framesDecoded: 30, freezeCount: 2, totalFreezesDuration: 0.5 }));
  assert.deepEqual(figures, { bitrate: 2_000_000, packetsLost: 3, decoded: 30, codec: 'H264', freezes: 2, frozenMs: 500, protocol: 'tcp' });
});

test('a receiver that counts from the start again gives no negative bitrate', () => {
  const reader = new ReceiverReader();
  reader.read(report({ bytesReceived: 5000, timestamp: 1000 }));
  assert.equal(reader.read(report({ bytesReceived: 10, timestamp: 2000 }))?.bitrate, 0);
});

test('without a receiver there are no figures', () => {
  assert.equal(new ReceiverReader().read(new Map() as unknown as RTCStatsReport), undefined);
});
