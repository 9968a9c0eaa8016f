import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import type { RtpCapabilities } from 'mediasoup/types';
import type { AnnotationMessage } from '../../../src/pipeline/annotation.ts';
import { renditionKey, type Variant } from '../../../src/pipeline/media/info.ts';
import { SHARES_PORTS, type RtpTarget } from '../../../src/pipeline/rtp/target.ts';
import { ABS_CAPTURE_TIME, type PayloadTypes } from '../../../src/sfu/codecs.ts';
import type { Viewer } from '../../../src/sfu/viewer.ts';
import { RtpSource } from '../../support/rtp-source.ts';
import { readRtp, RtpViewer } from '../../support/rtp-viewer.ts';
import { leasesOf } from '../../support/leases.ts';
import { bridge, Feeder, startSfu, watch } from '../../support/sfu.ts';

/** Where mediasoup puts abs-capture-time and playout-delay in what it sends. */
const CAPTURE_TIME_ID = 10;
const PLAYOUT_DELAY_ID = 11;

const MESSAGE: AnnotationMessage = { stream: 'gate', seq: 1, rtp: 90, capturedAt: 1, width: 160, height: 96, detections: [], detectors: {} };

describe('a broadcast', () => {
  it('asks for a variant with its first user, and lets go of it some time after its last', async () => {
    const sfu = await startSfu({ lingerMs: 1 });
    const broadcast = sfu.broadcast('gate');
    const asked: string[] = [];
    const leases = leasesOf(broadcast);
    leases.on('start', ({ variant }) => asked.push(`start ${variant}`)).on('stop', ({ variant }) => asked.push(`stop ${variant}`));
    const first = await watch(sfu, broadcast, 'clean');
    const second = await watch(sfu, broadcast, 'clean');
    first.close();
    first.close();
    const third = await watch(sfu, broadcast, 'clean');
    third.close();
    assert.deepEqual(asked, ['start clean']);
    const stopped = once(leases, 'stop');
    second.close();
    await stopped;
    await watch(sfu, broadcast, 'clean');
    assert.deepEqual(asked, ['start clean', 'stop clean', 'start clean']);
    await sfu.close();
  });

  it('keeps the port that a source is to send from, so that nothing else gets it before the source does', async (t) => {
    if (!SHARES_PORTS) return t.skip('absent: ports can’t be shared here');
    const sfu = await startSfu();
    const broadcast = sfu.broadcast('gate');
    const asked = once(leasesOf(broadcast), 'start') as Promise<[string, RtpTarget]>;
    await watch(sfu, broadcast, 'clean');
    const [, target] = await asked;
    const stranger = createSocket('udp4');
    const [refused] = (await once(stranger.bind(target.sourcePort), 'error')) as [NodeJS.ErrnoException];
    assert.equal(refused.code, 'EADDRINUSE');
    stranger.close();
    const source = await RtpSource.start(target);
    await source.close();
    await sfu.close();
  });

  it('forwards the frames of a source with their timestamps, capture times and playout delay', async () => {
    const sfu = await startSfu();
    const broadcast = sfu.broadcast('gate');
    await using feeder = new Feeder(broadcast);
    await using viewer = await RtpViewer.open(bridge(broadcast));
    await viewer.receives(20);
    const packets = viewer.packets.map(readRtp);
    const sent = new Set(feeder.source.sent.map(({ rtp }) => rtp));
    assert.ok(packets.every(({ timestamp }) => sent.has(timestamp)));
    const starts = packets.filter(({ timestamp }, i) => timestamp !== packets[i - 1]?.timestamp);
    assert.ok(starts.every(({ extensions }) => extensions.get(CAPTURE_TIME_ID)?.length === 16));
    assert.ok(starts.every(({ extensions }) => extensions.get(PLAYOUT_DELAY_ID)?.length === 3));
    await sfu.close();
  });

  it('begins a viewer’s video with a key frame, which it asks the source for', async () => {
    const sfu = await startSfu();
    const broadcast = sfu.broadcast('gate');
    await using feeder = new Feeder(broadcast);
    await using first = await RtpViewer.open(bridge(broadcast));
    await first.receives(5);
    const { requests } = feeder.source;
    await using second = await RtpViewer.open(bridge(broadcast));
    await second.receives(1);
    // Its first picture may be a key frame that the source made by itself.
    while (feeder.source.requests <= requests) await second.receives(1);
    // The parameter sets and the picture's first part come first: a STAP-A (24) that begins with an SPS, or the SPS (7) itself.
    const payload = second.packets[0]!.subarray(12 + 4 + 4 * second.packets[0]!.readUInt16BE(14));
    const types = [payload[0]! & 0x1f, payload[3]! & 0x1f];
    assert.ok(types[0] === 7 || (types[0] === 24 && types[1] === 7), `NAL types ${types.join()}`);
    await sfu.close();
  });

  it('sends under the payload types that a viewer offered, through one pipe for all that share them', async () => {
    const sfu = await startSfu();
    const broadcast = sfu.broadcast('gate');
    await using _feeder = new Feeder(broadcast);
    const usual = await RtpViewer.open(bridge(broadcast));
    const before = (await sfu.stats())[0]!.objects;
    const viewers: Viewer[] = [];
    const foreign = await Promise.all(
      [96, 96, 35].map((payloadType) => RtpViewer.open(bridge(broadcast, 'annotated', (viewer) => viewers.push(viewer)), { payloadType })),
    );
    for (const [i, payloadType] of [96, 96, 35].entries()) {
      await foreign[i]!.receives(5);
      assert.ok(foreign[i]!.packets.every((packet) => readRtp(packet).payloadType === payloadType));
    }
    assert.equal(new Set(viewers.map(({ consumer }) => consumer.producerId)).size, 2);
    for (const viewer of viewers) viewer.close();
    assert.equal((await sfu.stats())[0]!.objects, before, 'pipes and routers went with their last users');
    for (const peer of [usual, ...foreign]) await peer.close();
    await sfu.close();
  });

  it('asks for the clean variant as the source has it for those who can take that, while it may be sent so, and in H.264 for all others', async () => {
    const sfu = await startSfu();
    const broadcast = sfu.broadcast('gate');
    const asked: string[] = [];
    leasesOf(broadcast).on('start', (rendition) => asked.push(renditionKey(rendition)));
    const { codecs = [], headerExtensions = [] } = sfu.rtpCapabilities;
    const only = (name: RegExp): RtpCapabilities => ({ codecs: codecs.filter(({ mimeType }) => name.test(mimeType)), headerExtensions });
    const sent = async (variant: Variant, rtpCapabilities: RtpCapabilities, payloadTypes?: PayloadTypes): Promise<string | undefined> => {
      const { consumer } = await broadcast.addViewer({ variant, rtpCapabilities, data: false, ...(payloadTypes === undefined ? {} : { payloadTypes }) });
      return consumer.rtpParameters.codecs[0]?.mimeType;
    };
    const everything = sfu.rtpCapabilities;
    assert.equal(await sent('clean', everything), 'video/H264');
    broadcast.setNative('VP9');
    assert.deepEqual([broadcast.codecOf('clean'), broadcast.codecOf('annotated')], ['VP9', 'H264']);
    assert.equal(await sent('clean', everything), 'video/VP9');
    assert.equal(await sent('clean', everything, { codec: 'VP9', media: 45 }), 'video/VP9');
    assert.equal(await sent('clean', only(/h264/i)), 'video/H264');
    assert.equal(await sent('annotated', everything), 'video/H264');
    broadcast.setNative('AV1');
    assert.equal(await sent('clean', everything), 'video/AV1');
    broadcast.allowForwarding(false);
    assert.equal(await sent('clean', everything), 'video/H264');
    assert.deepEqual(asked, ['clean/H264', 'clean/VP9', 'annotated/H264', 'clean/AV1']);
    await sfu.close();
  });

  it('asks for sound with the first who listens, whatever they watch, and for no more after the last', async () => {
    const sfu = await startSfu({ lingerMs: 0 });
    const broadcast = sfu.broadcast('gate');
    await using _feeder = new Feeder(broadcast);
    const asked: string[] = [];
    const leases = leasesOf(broadcast);
    leases.on('audio-start', ({ payloadType }) => asked.push(`start ${payloadType}`)).on('audio-stop', () => asked.push('stop'));
    const open = (variant: 'annotated' | 'clean'): Promise<Viewer> => broadcast.addViewer({ variant, rtpCapabilities: sfu.rtpCapabilities, data: false });
    const viewers = [await open('annotated'), await open('clean')];
    assert.deepEqual(asked, []);
    const consumers = [await broadcast.listen(viewers[0]!), await broadcast.listen(viewers[1]!)];
    assert.equal(new Set(consumers.map(({ producerId }) => producerId)).size, 1);
    assert.equal(consumers[0]!.rtpParameters.rtcp?.cname, viewers[0]!.consumer.rtpParameters.rtcp?.cname);
    assert.deepEqual(asked, ['start 111']);
    viewers[0]!.unlisten();
    const stopped = once(leases, 'audio-stop');
    viewers[1]!.close();
    await stopped;
    assert.deepEqual(asked, ['start 111', 'stop']);
    await sfu.close();
  });

  it('pauses sound with the picture, and starts it with it', async () => {
    const sfu = await startSfu();
    const broadcast = sfu.broadcast('gate');
    await using _feeder = new Feeder(broadcast);
    const viewer = await broadcast.addViewer({ variant: 'annotated', rtpCapabilities: sfu.rtpCapabilities, data: false });
    const sound = await broadcast.listen(viewer);
    assert.equal(sound.paused, true);
    await viewer.resume();
    assert.equal(sound.paused, false);
    await viewer.pause();
    assert.equal(sound.paused, true);
    await sfu.close();
  });

  it('puts viewers on another worker when its own serves enough, and serves them as well', async () => {
    const sfu = await startSfu({ workers: 2, viewersPerWorker: 1 });
    const broadcast = sfu.broadcast('gate');
    await using _feeder = new Feeder(broadcast);
    const viewers = [await RtpViewer.open(bridge(broadcast), { data: true }), await RtpViewer.open(bridge(broadcast), { data: true })];
    for (const viewer of viewers) await viewer.receives(10);
    assert.deepEqual((await sfu.stats()).map((worker) => worker.viewers), [1, 1]);
    const announcing = setInterval(() => broadcast.announce(MESSAGE), 20);
    for (const viewer of viewers) assert.deepEqual(JSON.parse(await viewer.message()), MESSAGE);
    clearInterval(announcing);
    for (const viewer of viewers) await viewer.close();
    await sfu.close();
  });

  it('puts streams on the worker that has the fewest', async () => {
    const sfu = await startSfu({ workers: 2 });
    const homes = ['one', 'two', 'three'].map((id) => sfu.broadcast(id).home.index);
    assert.deepEqual(homes, [0, 1, 0]);
    sfu.broadcast('two').close();
    assert.equal(sfu.broadcast('four').home.index, 1);
    await sfu.close();
  });

  it('sends annotations over an unordered data channel', async () => {
    const sfu = await startSfu();
    const broadcast = sfu.broadcast('gate');
    await using _feeder = new Feeder(broadcast);
    let opened: Viewer | undefined;
    await using viewer = await RtpViewer.open(bridge(broadcast, 'annotated', (one) => (opened = one)), { data: true });
    assert.equal(opened?.dataConsumer?.sctpStreamParameters?.streamId, 0);
    assert.equal(opened?.dataConsumer?.sctpStreamParameters?.ordered, false);
    const announcing = setInterval(() => broadcast.announce(MESSAGE), 20);
    assert.deepEqual(JSON.parse(await viewer.message()), MESSAGE);
    clearInterval(announcing);
    // Of a crowded frame: a message that takes several packets.
    const crowd: AnnotationMessage['detections'] = Array(80).fill({ detector: 'people', label: 'person', score: 0.913, box: [0.1234, 0.2234, 0.0534, 0.3134] });
    const numbers = Array.from({ length: 30 }, (_, i) => 1000 + i);
    const came = (): Set<number> => new Set(viewer.messages.map((text) => (JSON.parse(text) as AnnotationMessage).seq).filter((seq) => seq >= 1000));
    const announceMissing = (): void => numbers.filter((seq) => !came().has(seq)).forEach((seq) => broadcast.announce({ ...MESSAGE, seq, detections: crowd }));
    announceMissing();
    // Nothing is sent again: a packet that a busy machine loses takes its message with it.
    const again = setInterval(announceMissing, 1000);
    while (came().size < numbers.length) await once(viewer, 'message');
    clearInterval(again);
    assert.deepEqual([...came()].toSorted((a, b) => a - b), numbers);
    await sfu.close();
  });

  it('counts its viewers, and tells each why it ended', async () => {
    const sfu = await startSfu();
    const broadcast = sfu.broadcast('gate');
    const counts: number[] = [];
    broadcast.on('viewers', (count) => counts.push(count));
    const open = (): Promise<Viewer> => broadcast.addViewer({ variant: 'annotated', rtpCapabilities: sfu.rtpCapabilities, data: true });
    const ends: string[] = [];
    const first = await open();
    first.once('close', (reason) => ends.push(reason));
    first.close();
    first.close();
    const second = await open();
    second.once('close', (reason) => ends.push(reason));
    broadcast.close();
    broadcast.close();
    assert.deepEqual(ends, ['closed', 'gone']);
    assert.deepEqual(counts, [1, 0, 1, 0]);
    await assert.rejects(open(), { code: 'closed' });
    await sfu.close();
  });

  it('lets go of a viewer that never connects', async () => {
    const sfu = await startSfu({ connectTimeoutMs: 500 });
    const broadcast = sfu.broadcast('gate');
    const viewer = await broadcast.addViewer({ variant: 'annotated', rtpCapabilities: sfu.rtpCapabilities, data: true });
    assert.deepEqual(await once(viewer, 'close'), ['transport-closed']);
    assert.equal(broadcast.viewers, 0);
    await sfu.close();
  });

  it('notices that a viewer is gone', async () => {
    const sfu = await startSfu({ consentTimeoutS: 1 });
    const broadcast = sfu.broadcast('gate');
    await using _feeder = new Feeder(broadcast);
    let ended: Promise<unknown> | undefined;
    const viewer = await RtpViewer.open(bridge(broadcast, 'annotated', (one) => (ended = once(one, 'close'))));
    await viewer.receives(1);
    await viewer.close();
    assert.deepEqual(await ended, ['transport-closed']);
    assert.equal(broadcast.viewers, 0);
    await sfu.close();
  });

  it('refuses viewers that can’t decode what it sends, and DTLS parameters that come twice', async () => {
    const sfu = await startSfu();
    const broadcast = sfu.broadcast('gate');
    const { codecs = [], headerExtensions } = sfu.rtpCapabilities;
    const vp8 = { codecs: codecs.filter(({ mimeType }) => /vp8/i.test(mimeType)), headerExtensions: headerExtensions! };
    await assert.rejects(broadcast.addViewer({ variant: 'annotated', rtpCapabilities: vp8, data: true }), { code: 'no-common-codec' });
    assert.equal(broadcast.viewers, 0);
    const viewer = await broadcast.addViewer({ variant: 'annotated', rtpCapabilities: sfu.rtpCapabilities, data: true });
    const fingerprints = [{ algorithm: 'sha-256' as const, value: Array(32).fill('AB').join(':') }];
    await viewer.connect({ role: 'client', fingerprints });
    await assert.rejects(viewer.connect({ role: 'client', fingerprints }), { code: 'transport-refused' });
    assert.ok(viewer.consumer.rtpParameters.headerExtensions?.some(({ uri }) => uri === ABS_CAPTURE_TIME));
    await sfu.close();
  });

  it('takes up a source that was replaced by another process, without its viewers noticing more than a pause', async () => {
    const sfu = await startSfu();
    const broadcast = sfu.broadcast('gate');
    await using feeder = new Feeder(broadcast);
    await using viewer = await RtpViewer.open(bridge(broadcast));
    await viewer.receives(5);
    const { target, sequence } = feeder.source;
    await feeder.source.close();
    await using _second = await RtpSource.start(target, { firstSequence: sequence + 1 });
    const { packets } = viewer;
    await viewer.receives(10);
    const sequences = packets.map((packet) => readRtp(packet).sequence);
    assert.ok(sequences.every((sequence, i) => i === 0 || sequence === ((sequences[i - 1]! + 1) & 0xffff)), 'sequence numbers go on without a gap');
    assert.deepEqual(feeder.asked, ['start annotated']);
    await sfu.close();
  });
});
