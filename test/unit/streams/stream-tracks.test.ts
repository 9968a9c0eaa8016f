import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import type { StreamCommand } from '../../../src/pipeline/ipc/commands.ts';
import type { Rendition, Variant } from '../../../src/pipeline/media/info.ts';
import type { RtpTarget } from '../../../src/pipeline/rtp/target.ts';
import { StreamHistory } from '../../../src/streams/stream-history.ts';
import { StreamTracks } from '../../../src/streams/stream-tracks.ts';

interface Broadcast {
  start: [rendition: Rendition, target: RtpTarget];
  stop: [rendition: Rendition];
  'audio-start': [target: RtpTarget];
  'audio-stop': [];
  keyframe: [variant: Variant];
}

const CLEAN: Rendition = { variant: 'clean', codec: 'H264' };
const ANNOTATED: Rendition = { variant: 'annotated', codec: 'H264' };

function setUp() {
  const broadcast = new EventEmitter<Broadcast>();
  const sent: StreamCommand[] = [];
  const record = new StreamHistory();
  const process = { running: true };
  let changes = 0;
  const tracks = new StreamTracks({
    broadcast,
    running: () => process.running,
    send: (command) => void sent.push(command),
    firstSequence: (track) => record.nextSequence(track),
    changed: () => changes++,
  });
  return { broadcast, sent, process, tracks, changes: () => changes };
}

const target = (port: number): RtpTarget => {
  return { host: '127.0.0.1', port, ssrc: 1, payloadType: 100, extensions: { absCaptureTime: 1, playoutDelay: 2 } };
};

describe('the tracks of a stream', () => {
  it('are started and stopped in its process as the SFU needs them', () => {
    const { broadcast, sent, tracks, changes } = setUp();
    broadcast.emit('start', CLEAN, target(1));
    broadcast.emit('audio-start', target(2));
    broadcast.emit('keyframe', 'clean');
    assert.deepEqual(tracks.variants, ['clean']);
    broadcast.emit('stop', CLEAN);
    broadcast.emit('stop', ANNOTATED);
    broadcast.emit('audio-stop');
    assert.deepEqual(tracks.variants, []);
    assert.deepEqual(sent, [
      { type: 'rendition-start', rendition: CLEAN, target: target(1), firstSequence: 0 },
      { type: 'audio-start', target: target(2), firstSequence: 0 },
      { type: 'keyframe', variant: 'clean' },
      { type: 'rendition-stop', rendition: CLEAN },
      { type: 'audio-stop' },
    ]);
    assert.equal(changes(), 2);
  });

  it('that are needed are started in the next process, behind the packets of the one before', () => {
    const { broadcast, sent, tracks } = setUp();
    broadcast.emit('start', ANNOTATED, target(1));
    broadcast.emit('audio-start', target(2));
    sent.length = 0;
    tracks.begin();
    assert.deepEqual(sent, [
      { type: 'rendition-start', rendition: ANNOTATED, target: target(1), firstSequence: 500 },
      { type: 'audio-start', target: target(2), firstSequence: 500 },
    ]);
  });

  it('take no packet numbers while no process could use them', () => {
    const { broadcast, sent, process, tracks } = setUp();
    process.running = false;
    broadcast.emit('start', CLEAN, target(1));
    broadcast.emit('start', CLEAN, target(3));
    broadcast.emit('audio-start', target(2));
    assert.deepEqual([sent, tracks.variants], [[], ['clean']]);
    process.running = true;
    tracks.begin();
    assert.deepEqual(sent, [
      { type: 'rendition-start', rendition: CLEAN, target: target(3), firstSequence: 0 },
      { type: 'audio-start', target: target(2), firstSequence: 0 },
    ]);
  });
});
