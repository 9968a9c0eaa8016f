import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StreamCommand } from '../../../src/pipeline/ipc/commands.ts';
import type { Output } from '../../../src/pipeline/ipc/outputs.ts';
import type { RenditionSpec } from '../../../src/pipeline/media/info.ts';
import { Outputs } from '../../../src/streams/outputs.ts';
import { StreamHistory } from '../../../src/streams/stream-history.ts';

const CLEAN: RenditionSpec = { variant: 'clean', codec: 'H264' };
const ANNOTATED: RenditionSpec = { variant: 'annotated', codec: 'H264' };

function setUp() {
  const sent: StreamCommand[] = [];
  const history = new StreamHistory();
  const process = { running: true };
  let changes = 0;
  const outputs = new Outputs({
    running: () => process.running,
    send: (command) => void sent.push(command),
    firstSequence: (id) => history.nextSequence(id),
    closed: (id) => history.forgetSequence(id),
    changed: () => changes++,
  });
  return { sent, process, outputs, changes: () => changes };
}

const sink = (port: number): Output['sink'] => {
  return { type: 'rtp', target: { host: '127.0.0.1', port, ssrc: 1, payloadType: 100, extensions: { absCaptureTime: 1, playoutDelay: 2 } } };
};
const video = (rendition: RenditionSpec, port: number): Output => ({ of: 'video', rendition, sink: sink(port) });
const audio = (port: number): Output => ({ of: 'audio', sink: sink(port) });

describe('the outputs of a stream', () => {
  it('are opened and closed in its process as they are leased', () => {
    const { sent, outputs, changes } = setUp();
    const ends = [outputs.lease(video(CLEAN, 1)), outputs.lease(audio(2))];
    assert.deepEqual(outputs.variants, ['clean']);
    for (const end of [...ends, ...ends]) end();
    assert.deepEqual(outputs.variants, []);
    assert.deepEqual(sent, [
      { type: 'output-open', id: 1, output: video(CLEAN, 1), firstSequence: 0 },
      { type: 'output-open', id: 2, output: audio(2), firstSequence: 0 },
      { type: 'output-close', id: 1 },
      { type: 'output-close', id: 2 },
    ]);
    assert.equal(changes(), 2);
  });

  it('of one rendition are made for each lease', () => {
    const { sent, outputs } = setUp();
    const first = outputs.lease(video(CLEAN, 1));
    outputs.lease(video(CLEAN, 2));
    first();
    assert.deepEqual(sent.map(({ type }) => type), ['output-open', 'output-open', 'output-close']);
    assert.deepEqual(outputs.variants, ['clean']);
  });

  it('that are leased are opened in the next process, behind the packets of the one before', () => {
    const { sent, outputs } = setUp();
    outputs.lease(video(ANNOTATED, 1));
    outputs.lease(audio(2));
    outputs.leaseAnnotations();
    sent.length = 0;
    outputs.begin();
    assert.deepEqual(sent, [
      { type: 'output-open', id: 1, output: video(ANNOTATED, 1), firstSequence: 500 },
      { type: 'output-open', id: 2, output: audio(2), firstSequence: 500 },
      { type: 'annotations', wanted: true },
    ]);
  });

  it('take no packet numbers while no process could use them', () => {
    const { sent, process, outputs } = setUp();
    process.running = false;
    outputs.lease(video(CLEAN, 1))();
    outputs.lease(video(CLEAN, 3));
    outputs.leaseAnnotations()();
    process.running = true;
    sent.length = 0;
    outputs.begin();
    assert.deepEqual(sent, [{ type: 'output-open', id: 2, output: video(CLEAN, 3), firstSequence: 0 }]);
  });

  it('have annotations told from the first lease of them to the end of the last', () => {
    const { sent, outputs } = setUp();
    const ends = [outputs.leaseAnnotations(), outputs.leaseAnnotations()];
    ends[0]!();
    ends[0]!();
    ends[1]!();
    assert.deepEqual(sent, [
      { type: 'annotations', wanted: true },
      { type: 'annotations', wanted: false },
    ]);
  });
});
